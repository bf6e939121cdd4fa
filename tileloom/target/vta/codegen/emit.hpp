#pragma once
// From a nest and its tiling to a program.

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "tileloom/target/vta/codegen/layer_steps.hpp"
#include "tileloom/target/vta/codegen/tiling.hpp"
#include "tileloom/target/vta/isa/image.hpp"
#include "tileloom/target/vta/codegen/layer_chain.hpp"

namespace tileloom::target::vta {

/// What happens to an accumulator before it is stored: result = min(max((acc + bias) >> shift,
/// low), high); a shift by 0, and limits that int8 has anyway, are left out only if `exact` says
/// that no value lies outside.
struct Epilogue {
  std::int64_t shift = 8;   ///< 0..15
  std::int64_t low = -127;  ///< 0: a ReLU
  std::int64_t high = 127;
  bool operator==(const Epilogue&) const = default;
};

/// ALU operations of an Epilogue on every entry: shift, maximum, minimum.
inline constexpr std::int64_t kEpilogueOperations = 3;

/// Accumulator → stored value.
std::int8_t apply(const Epilogue& epilogue, std::int32_t accumulator);

/// Where the operands and the micro-ops lie in DRAM.
struct Placement {
  std::array<StoredOperand, kParts> stored;     ///< by Part
  std::array<std::int64_t, kParts> address{};   ///< by Part [bytes]
  std::array<std::int64_t, kParts> bytes{};     ///< by Part
  std::int64_t micro_op_address = 0;
};

struct EmittedProgram {
  std::vector<Instruction> instructions;
  std::vector<std::uint32_t> micro_ops;  ///< the content of the micro-op region
  Placement placement;
  std::int64_t reuse_distance = kFarEnough;  ///< the smallest of its GEMMs
  std::vector<PendingStore> pending;  ///< of a layer that is not the last: left to the next one
};

/// Why no program can be emitted: a tile that exceeds a scratchpad or the micro-op memory, in
/// numbers; empty if one can.
std::string infeasible(const Config& config, const Nest& nest, const Tiling& tiling);

/// Requires infeasible() to be empty. The program is free of deadlock, races and left-over tokens.
EmittedProgram emit(const Config& config, const Nest& nest, const Tiling& tiling,
                    const Epilogue& epilogue);

/// One layer of a network, in its place, after a layer that left `pending` behind. The tiling must leave room for the constants and, where a
/// tensor is added, for its `other_slots` tiles, at least one. Requires the axes of the
/// result to be batch, channels, rows, columns.
EmittedProgram emit_layer(const Config& config, const Nest& nest, const Tiling& tiling,
                          const LayerSurroundings& layer,
                          const std::vector<PendingStore>& pending = {});

}  // namespace tileloom::target::vta
