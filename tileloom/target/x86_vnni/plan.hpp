#pragma once
// How an embedding into vpdpbusd is run: what is read in place, which loops are unrolled into
// registers.

#include <cstdint>
#include <optional>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "tileloom/embedding/embedding.hpp"
#include "tileloom/target/x86_vnni/data_views.hpp"

namespace tileloom::x86_vnni {

/// A loop of the kernel: strides of one trip.
struct KernelLoop {
  std::int64_t trips = 1;
  std::int64_t data = 0;    ///< bytes
  std::int64_t result = 0;  ///< 32-bit elements
  std::vector<std::size_t>
      from;  ///< outer loops of the embedding that were merged, outermost first
  bool operator==(const KernelLoop&) const = default;
};

/// An axis of the data in the copy that has the image's padding around it.
struct PaddedAxis {
  std::int64_t extent = 1;  ///< of the tensor
  std::int64_t before = 0;
  std::int64_t after = 0;
  bool operator==(const PaddedAxis&) const = default;
};

/// out[lanes channels] += dot4(4 bytes of data, lanes × 4 bytes of weights) in tiles of `pixels` ×
/// `blocks` accumulators.
struct Plan {
  std::vector<PaddedAxis> data;      ///< row-major
  bool copied = false;               ///< some axis is padded: the data is copied first
  std::optional<RowsBeside> beside;  ///< the copy has rows beside one another
  std::int64_t first = 0;            ///< byte of the (padded) data that trip 0 of every loop reads
  std::vector<KernelLoop> groups;    ///< move weights and result (and data, in a grouped operator)
  KernelLoop channels;               ///< moves weights and result: blocks of `lanes`
  std::int64_t lanes = 16;           ///< of 32 bits in a register, 16 or 8
  std::int64_t channel_count = 16;   ///< of which the last block may hold fewer
  std::vector<KernelLoop> pixels;    ///< move data and result, innermost last
  std::vector<KernelLoop> sums;      ///< move data and weights, innermost last
  std::int64_t tile_pixels = 1;
  std::int64_t tile_blocks = 1;
  std::int64_t first_result = 0;  ///< element that trip 0 of every loop writes
  std::int64_t results = 0;       ///< elements of the whole result
  bool zeroed = false;            ///< some results see padding only: all are set to zero first
  /// The loop over channels stands inside that over rows of pixels, so that the image is read once.
  bool channels_inside = false;
  /// Results go past the caches: they must be aligned to 64 bytes then.
  bool streamed = false;
  bool operator==(const Plan&) const = default;
};

/// Results of one instruction: its dimension y.
std::int64_t vector_lanes(const Instruction& instruction);

/// The plan, or why the embedding cannot be run this way: roles swapped, a lane dimension that does
/// not stand for consecutive bytes, or results that overlap.
tl::expected<Plan, std::string> plan(const Operator& op, const Instruction& instruction,
                                     const Embedding& embedding);

/// Cycles of the inner loops, and of a copy that moves single bytes, by a simple account of ports
/// and latency, to compare plans.
double expected_cycles(const Plan& plan);

std::int64_t data_bytes(const Plan& plan);  ///< of the padded copy
/// Bytes of the packed weights: groups × ⌈channels / lanes⌉ × sums × lanes × 4.
std::int64_t weight_bytes(const Plan& plan);

}  // namespace tileloom::x86_vnni
