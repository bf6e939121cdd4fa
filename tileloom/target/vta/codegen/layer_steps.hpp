#pragma once
// What the layers of a network have in common: constants at the ends of the scratchpads, the bias,
// the tensor that is added, rescaling, and the tokens between layers.
//
// VTA cannot load 8-bit values into accumulators (the published simulator can, the hardware not), so
// what comes from memory enters the sum through the GEMM core:
//     bias   = vector · tileᵀ,  vector = (127, …, 127, 1), one step per entry and set of tiles
//     other  = element · (factor · identity)ᵀ, one step per entry

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tileloom/target/vta/codegen/layout.hpp"
#include "tileloom/target/vta/codegen/program_writer.hpp"
#include "tileloom/workload/integer_network.hpp"

namespace tileloom::target::vta {

/// What a layer finds around it. Addresses are physical [bytes]; tensors lie as `tensor_layout`
/// says.
struct LayerSurroundings {
  bool first = true;  ///< of the network: nothing to wait for
  bool last = true;   ///< of the network: FINISH follows
  Rescale rescale;
  std::array<StoredOperand, kParts> stored;    ///< by Part; not used by window layers
  std::array<std::int64_t, kParts> address{};  ///< by Part
  std::int64_t micro_op_address = 0;
  std::int64_t vector_address = 0;          ///< one INP element
  std::int64_t bias_address = 0;            ///< WGT elements: sets × channel blocks
  std::int64_t bias_sets = 0;               ///< 0: no bias
  std::int64_t channel_blocks = 1;          ///< of the result
  std::optional<std::int64_t> other_address;  ///< of the tensor that is added
  std::int64_t factor_address = 0;          ///< one WGT element
};

/// A tensor in DRAM: blocks of BATCH x BLOCK over (batch, channels, rows, columns).
StoredOperand tensor_layout(const Config& config, const ImageShape& shape);

/// (127, …, 127, 1) in every row of an INP element.
std::string bias_vector(const Config& config);
/// Tiles whose products with the vector sum to the bias: sets of one WGT element per channel block.
std::string bias_tiles(const Config& config, const std::vector<std::int32_t>& bias);
/// A WGT element with these values on its diagonal.
std::string diagonal_tile(const Config& config, const std::vector<std::int8_t>& values);

/// Entries that a layer sets aside at the ends of the scratchpads.
struct ConstantPlaces {
  std::int64_t vector = 0;  ///< INP entry
  std::int64_t bias = 0;    ///< first WGT entry
  std::int64_t factor = 0;  ///< WGT entry
  std::int64_t inputs = 0;   ///< INP entries set aside
  std::int64_t weights = 0;  ///< WGT entries set aside
};
ConstantPlaces constant_places(const Config& config, const LayerSurroundings& layer);

/// Loads of the constants into their places.
std::vector<Load> constant_loads(const Config& config, const LayerSurroundings& layer);

/// A box of accumulators, channel blocks [low, low + count) of `plane` entries each.
struct ResultBox {
  std::int64_t base = 0;   ///< ACC entry
  std::int64_t low = 0;    ///< first channel block
  std::int64_t count = 1;  ///< channel blocks
  std::int64_t plane = 1;  ///< entries of one channel block
};

/// Adds the bias. One GEMM per set.
void add_bias(ProgramWriter& writer, const Config& config, const LayerSurroundings& layer,
              const ResultBox& box);

/// Instructions that shift a sum by `right` (to the left if negative): portable ones shift by at most
/// 15 to the right and 16 to the left.
std::int64_t shift_instructions(std::int64_t right);

/// After the sums: pre-shift, the other tensor's tile (dense, from INP entry `other` on), shift and
/// limits over `entries` accumulators from `base` on. The number of the last GEMM, if there was one.
std::optional<std::size_t> finish_sums(ProgramWriter& writer, const Config& config,
                                       const LayerSurroundings& layer, std::int64_t base,
                                       std::int64_t entries, std::int64_t other);

}  // namespace tileloom::target::vta
