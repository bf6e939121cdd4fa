#include "tileloom/target/x86_vnni/plan.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "tileloom/embedding/packing.hpp"
#include "tileloom/support/checked.hpp"

namespace tileloom::x86_vnni {
namespace {

constexpr std::int64_t kMostWeights = 512 << 10;  ///< bytes that stay in half a second-level cache
constexpr std::int64_t kLeastStreamed = 4 << 20;  ///< bytes of results that no cache near keeps
constexpr LaneDimId kY{1};
constexpr LaneDimId kZ{2};

std::int64_t product(const std::vector<KernelLoop>& loops) {
  std::int64_t trips = 1;
  for (const KernelLoop& loop : loops) trips = checked_mul(trips, loop.trips);
  return trips;
}

/// The image around which zeros stand: every index that some point reads.
std::vector<PaddedAxis> padded_axes(const Operator& op, const Operand& data) {
  std::vector<PaddedAxis> axes;
  for (const Axis& axis : data.axes) {
    std::int64_t last = axis.offset;
    for (const Term& term : axis.terms) {
      last += term.coefficient * (op.rank(term.rank).extent - 1);
    }
    axes.push_back({axis.extent, std::max<std::int64_t>(0, -axis.offset),
                    std::max<std::int64_t>(0, last - (axis.extent - 1))});
  }
  return axes;
}

/// Elements between neighbours along each axis of a row-major array.
std::vector<std::int64_t> strides_of(const std::vector<std::int64_t>& extents) {
  std::vector<std::int64_t> strides(extents.size(), 1);
  for (std::size_t a = extents.size(); a-- > 1;) {
    strides[a - 1] = checked_mul(strides[a], extents[a]);
  }
  return strides;
}

/// Elements that one step of a rank moves in the operand's memory.
std::int64_t move_of(const Operand& operand, const std::vector<std::int64_t>& strides,
                     RankId rank) {
  std::int64_t move = 0;
  for (std::size_t a = 0; a < operand.axes.size(); ++a) {
    for (const Term& term : operand.axes[a].terms) {
      if (term.rank == rank) move += term.coefficient * strides[a];
    }
  }
  return move;
}

/// True if lane i of the map lies i elements after lane 0 in memory.
bool consecutive(const LaneMap& map, const Operand& operand,
                 const std::vector<std::int64_t>& strides) {
  std::int64_t place = 1;
  for (std::size_t i = map.digits.size(); i-- > 0;) {
    if (move_of(operand, strides, map.digits[i].rank) != place) return false;
    place = checked_mul(place, map.digits[i].lanes);
  }
  return true;
}

/// Merges neighbouring loops that move like one.
std::vector<KernelLoop> merged(std::vector<KernelLoop> loops) {
  std::erase_if(loops, [](const KernelLoop& loop) { return loop.trips == 1; });
  std::vector<KernelLoop> kept;
  for (KernelLoop& loop : loops) {
    if (!kept.empty() && kept.back().data == loop.data * loop.trips &&
        kept.back().result == loop.result * loop.trips) {
      loop.trips = checked_mul(loop.trips, kept.back().trips);
      loop.from.insert(loop.from.begin(), kept.back().from.begin(), kept.back().from.end());
      kept.pop_back();
    }
    kept.push_back(std::move(loop));
  }
  return kept;
}

/// Cycles of one step of a tile: two products and two loads start per cycle, and a product's result
/// is ready after five.
double step_cycles(std::int64_t pixels, std::int64_t blocks) {
  const double products = 0.5 * static_cast<double>(pixels * blocks);
  const double loads = 0.5 * static_cast<double>(pixels + blocks);
  return std::max({products, loads, 5.0}) + 0.5;
}

/// The same over a whole row of `count` pixels and all blocks.
double row_cycles(std::int64_t count, std::int64_t all_blocks, std::int64_t pixels,
                  std::int64_t blocks) {
  double cycles = 0;
  for (const std::int64_t b : {blocks, all_blocks % blocks}) {
    const std::int64_t times = b == blocks ? all_blocks / blocks : (b > 0 ? 1 : 0);
    double one = static_cast<double>(count / pixels) * step_cycles(pixels, b);
    if (count % pixels > 0) one += step_cycles(count % pixels, b);
    cycles += static_cast<double>(times) * one;
    if (b == 0) break;
  }
  return cycles;
}

/// AVX-512 has 32 registers, AVX2 16.
std::int64_t registers(const Plan& plan) { return plan.lanes == 16 ? 32 : 16; }

/// Accumulators, the blocks' weights and one broadcast fit into the registers.
void choose_tile(Plan& plan) {
  const std::int64_t count = plan.pixels.empty() ? 1 : plan.pixels.back().trips;
  double best = 0;
  for (std::int64_t blocks = 1; blocks <= std::min<std::int64_t>(plan.channels.trips, 6);
       ++blocks) {
    for (std::int64_t pixels = 1;
         pixels <= count && pixels * blocks + blocks + 1 <= registers(plan); ++pixels) {
      const double cycles = row_cycles(count, plan.channels.trips, pixels, blocks);
      if (best == 0 || cycles < best) {
        best = cycles;
        plan.tile_pixels = pixels;
        plan.tile_blocks = blocks;
      }
    }
  }
}

/// Sorts the embedding's loops by the operands that they move.
void add_loops(const Operator& op, const std::vector<OuterLoop>& loops,
               const std::vector<std::int64_t>& data_strides,
               const std::vector<std::int64_t>& result_strides, Plan& plan) {
  const Operand& data = op.inputs[0];
  for (std::size_t l = 0; l < loops.size(); ++l) {
    const OuterLoop& loop = loops[l];
    const RankId rank = loop.ranks.back();
    const KernelLoop kernel{loop.trips,
                            loop.tile * move_of(data, data_strides, rank),
                            loop.tile * move_of(op.output, result_strides, rank),
                            {l}};
    if (loop.dim == kY) {
      plan.channels = kernel;
      plan.channel_count = loop.extent;
    } else if (!relevant(op.output, rank)) {
      plan.sums.push_back(kernel);
    } else if (relevant(op.inputs[1], rank)) {
      plan.groups.push_back(kernel);
    } else {
      plan.pixels.push_back(kernel);
    }
  }
}

/// True if every block of results starts at a multiple of its size and is whole.
bool may_stream(const Plan& plan) {
  const std::int64_t lanes = plan.lanes;
  const auto aligned = [lanes](const KernelLoop& loop) { return loop.result % lanes == 0; };
  return plan.first_result % lanes == 0 && plan.channel_count % lanes == 0 &&
         aligned(plan.channels) && std::ranges::all_of(plan.groups, aligned) &&
         std::ranges::all_of(plan.pixels, aligned);
}

std::string refusal(const Operator& op, const Embedding& embedding, std::int64_t lanes) {
  if (embedding.swapped) return "the activations are the instruction's weights";
  for (const Axis& axis : op.output.axes) {
    if (axis.terms.size() > 1) return "the output's elements overlap";
  }
  const LaneMap& y = embedding.lanes[index(kY)];
  if (y.digits.size() != 1) return fmt::format("the {} lanes of y hold no single rank", lanes);
  if (y.digits[0].lanes != lanes && y.digits[0].lanes < op.rank(y.digits[0].rank).extent) {
    return "lanes of y are idle in more than one block";
  }
  return {};
}

}  // namespace

std::int64_t vector_lanes(const Instruction& instruction) { return instruction.dim(kY).extent; }

tl::expected<Plan, std::string> plan(const Operator& op, const Instruction& instruction,
                                     const Embedding& embedding) {
  const std::int64_t lanes = vector_lanes(instruction);
  if (std::string why = refusal(op, embedding, lanes); !why.empty()) return tl::unexpected(why);
  const Operand& data = op.inputs[0];
  Plan made{.lanes = lanes};
  made.data = padded_axes(op, data);
  std::vector<std::int64_t> data_extents;
  std::vector<std::int64_t> result_extents;
  for (const PaddedAxis& axis : made.data) {
    made.copied = made.copied || axis.before > 0 || axis.after > 0;
    data_extents.push_back(axis.before + axis.extent + axis.after);
  }
  for (const Axis& axis : op.output.axes) {
    result_extents.push_back(axis.extent);
    const std::int64_t written = axis.terms.empty() ? 1 : op.rank(axis.terms[0].rank).extent;
    made.zeroed = made.zeroed || written < axis.extent;
  }
  made.results = elements(op.output);
  const std::vector<std::int64_t> data_strides = strides_of(data_extents);
  const std::vector<std::int64_t> result_strides = strides_of(result_extents);
  for (std::size_t a = 0; a < op.output.axes.size(); ++a) {
    made.first_result += op.output.axes[a].offset * result_strides[a];
  }
  for (std::size_t a = 0; a < data.axes.size(); ++a) {
    made.first += (data.axes[a].offset + made.data[a].before) * data_strides[a];
  }
  if (!consecutive(embedding.lanes[index(kZ)], data, data_strides)) {
    return tl::unexpected(std::string("the 4 lanes of z are no consecutive bytes of the data"));
  }
  if (!consecutive(embedding.lanes[index(kY)], op.output, result_strides)) {
    return tl::unexpected(
        fmt::format("the {} lanes of y are no consecutive elements of the result", lanes));
  }
  add_loops(op, outer_loops(op, instruction, embedding), data_strides, result_strides, made);
  std::erase_if(made.groups, [](const KernelLoop& loop) { return loop.trips == 1; });
  std::erase_if(made.sums, [](const KernelLoop& loop) { return loop.trips == 1; });
  made.pixels = merged(std::move(made.pixels));
  choose_tile(made);
  made.channels_inside = weight_bytes(made) / product(made.groups) <= kMostWeights;
  made.streamed = may_stream(made) && 4 * elements(op.output) >= kLeastStreamed;
  return made;
}

double expected_cycles(const Plan& plan) {
  const std::int64_t count = plan.pixels.empty() ? 1 : plan.pixels.back().trips;
  const std::int64_t rows = product(plan.pixels) / count;
  constexpr double kCopyCycles = 0.5;  // a byte that goes beside another
  const double copy = plan.beside ? kCopyCycles * static_cast<double>(data_bytes(plan)) : 0;
  return copy + static_cast<double>(product(plan.groups) * product(plan.sums) * rows) *
                    row_cycles(count, plan.channels.trips, plan.tile_pixels, plan.tile_blocks);
}

std::int64_t data_bytes(const Plan& plan) {
  std::int64_t bytes = 1;
  for (const PaddedAxis& axis : plan.data) {
    bytes = checked_mul(bytes, axis.before + axis.extent + axis.after);
  }
  return bytes;
}

std::int64_t weight_bytes(const Plan& plan) {
  return 4 * plan.lanes * product(plan.groups) * plan.channels.trips * product(plan.sums);
}

}  // namespace tileloom::x86_vnni
