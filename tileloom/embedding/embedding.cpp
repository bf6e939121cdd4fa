#include "tileloom/embedding/embedding.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "tileloom/support/checked.hpp"

namespace tileloom {
namespace {

/// The lane map that holds a rank, if any.
std::optional<LaneDimId> dim_of(const Embedding& embedding, RankId rank) {
  for (std::size_t t = 0; t < embedding.lanes.size(); ++t) {
    for (const Digit& digit : embedding.lanes[t].digits) {
      if (digit.rank == rank) return static_cast<LaneDimId>(t);
    }
  }
  return std::nullopt;
}

OuterLoop rank_loop(const Operator& op, const Embedding& embedding, RankId rank,
                    std::optional<LaneDimId> dim) {
  OuterLoop loop{{rank}, 1, op.rank(rank).extent, op.rank(rank).extent, dim};
  if (dim) {
    for (const Digit& digit : embedding.lanes[index(*dim)].digits) {
      if (digit.rank == rank) loop.tile = digit.lanes;
    }
    loop.trips = ceil_div(loop.extent, loop.tile);
  }
  return loop;
}

OuterLoop fused_loop(const Instruction& instruction, const LaneMap& map, LaneDimId dim) {
  OuterLoop loop{{}, instruction.dim(dim).extent, 1, 1, dim};
  for (const Digit& digit : map.digits) {
    loop.ranks.push_back(digit.rank);
    loop.extent = checked_mul(loop.extent, digit.lanes);
  }
  loop.trips = ceil_div(loop.extent, loop.tile);
  return loop;
}

/// Writes the values of a loop's ranks into `point`; false if they are padding or idle.
bool place(const Operator& op, const Embedding& embedding, const OuterLoop& loop, std::int64_t trip,
           std::span<const std::int64_t> lane, std::vector<std::int64_t>& point) {
  if (!loop.dim) {
    point[index(loop.ranks.front())] = trip;
    return true;
  }
  const LaneMap& map = embedding.lanes[index(*loop.dim)];
  std::int64_t rest = lane[index(*loop.dim)];
  if (map.fused) rest += loop.tile * trip;
  bool inside = true;
  for (std::size_t i = map.digits.size(); i-- > 0;) {
    const Digit& digit = map.digits[i];
    const std::int64_t value = rest % digit.lanes;
    rest /= digit.lanes;
    if (map.fused) {
      point[index(digit.rank)] = value;
    } else if (digit.rank == loop.ranks.front()) {
      point[index(digit.rank)] = loop.tile * trip + value;
      inside = loop.tile * trip + value < op.rank(digit.rank).extent;
    }
  }
  return inside && rest == 0;  // what is left over of a lane is idle, of a fused index padding
}

}  // namespace

std::vector<OuterLoop> outer_loops(const Operator& op, const Instruction& instruction,
                                   const Embedding& embedding) {
  std::vector<OuterLoop> loops;
  std::vector<bool> done(embedding.lanes.size(), false);
  for (std::size_t r = 0; r < op.ranks.size(); ++r) {
    const auto rank = static_cast<RankId>(r);
    const std::optional<LaneDimId> dim = dim_of(embedding, rank);
    if (!dim || !embedding.lanes[index(*dim)].fused) {
      loops.push_back(rank_loop(op, embedding, rank, dim));
    } else if (!done[index(*dim)]) {
      done[index(*dim)] = true;
      loops.push_back(fused_loop(instruction, embedding.lanes[index(*dim)], *dim));
    }
  }
  return loops;
}

std::int64_t steps(std::span<const OuterLoop> loops) {
  std::int64_t product = 1;
  for (const OuterLoop& loop : loops) product = checked_mul(product, loop.trips);
  return product;
}

double utilisation(const Operator& op, const Instruction& instruction, const Embedding& embedding) {
  const std::vector<OuterLoop> loops = outer_loops(op, instruction, embedding);
  return static_cast<double>(points(op)) /
         (static_cast<double>(steps(loops)) * static_cast<double>(lanes(instruction)));
}

std::optional<std::vector<std::int64_t>> point_at(const Operator& op, const Embedding& embedding,
                                                  std::span<const OuterLoop> loops,
                                                  std::span<const std::int64_t> trip,
                                                  std::span<const std::int64_t> lane) {
  std::vector<std::int64_t> point(op.ranks.size(), 0);
  for (std::size_t l = 0; l < loops.size(); ++l) {
    if (!place(op, embedding, loops[l], trip[l], lane, point)) return std::nullopt;
  }
  for (std::size_t t = 0; t < embedding.lanes.size(); ++t) {  // a dimension without digits
    if (embedding.lanes[t].digits.empty() && lane[t] > 0) return std::nullopt;
  }
  return point;
}

const Operand& data_operand(const Operator& op, const Embedding& embedding) {
  return op.inputs[embedding.swapped ? 1 : 0];
}

const Operand& weights_operand(const Operator& op, const Embedding& embedding) {
  return op.inputs[embedding.swapped ? 0 : 1];
}

std::string to_text(const Operator& op, const Instruction& instruction,
                    const Embedding& embedding) {
  std::vector<std::string> parts;
  for (std::size_t t = 0; t < embedding.lanes.size(); ++t) {
    const LaneMap& map = embedding.lanes[t];
    if (map.digits.empty()) continue;
    std::vector<std::string> digits;
    for (const Digit& digit : map.digits) {
      const std::string& name = op.rank(digit.rank).name;
      digits.push_back(map.fused ? name : fmt::format("{}·{}", name, digit.lanes));
    }
    const std::string& dim = instruction.dims[t].name;
    parts.push_back(map.fused ? fmt::format("{} = fused({})", dim, fmt::join(digits, ", "))
                              : fmt::format("{} = {}", dim, fmt::join(digits, " ")));
  }
  if (parts.empty()) parts.emplace_back("one lane");
  if (embedding.swapped) parts.emplace_back("roles swapped");
  return fmt::format("{}", fmt::join(parts, ", "));
}

}  // namespace tileloom
