#include "tileloom/embedder/radix.hpp"

#include <algorithm>

#include "tileloom/embedding/check.hpp"
#include "tileloom/support/factors.hpp"

namespace tileloom::embedder {
namespace {

bool fits(Tiles tiles, std::int64_t lanes, std::int64_t extent) {
  if (lanes == 1 || tiles == Tiles::padded) return true;
  return tiles == Tiles::within ? lanes <= extent : extent % lanes == 0;
}

/// Boxes: every way to write `lanes` as a product over `ranks`, outermost first.
void add_boxes(const Operator& op, Tiles tiles, const std::vector<RankId>& ranks, std::size_t next,
               std::int64_t lanes, LaneMap& map, std::vector<LaneMap>& found) {
  if (next == ranks.size()) {
    if (lanes == 1) found.push_back(map);
    return;
  }
  for (const std::int64_t tile : divisors(lanes)) {
    if (!fits(tiles, tile, op.rank(ranks[next]).extent)) continue;
    if (tile > 1) map.digits.push_back({ranks[next], tile});
    add_boxes(op, tiles, ranks, next + 1, lanes / tile, map, found);
    if (tile > 1) map.digits.pop_back();
  }
}

/// Fused: every choice of two or more ranks of more than one value.
void add_fused(const Operator& op, const std::vector<RankId>& ranks, std::vector<LaneMap>& found) {
  std::vector<Digit> whole;
  for (const RankId rank : ranks) {
    if (op.rank(rank).extent > 1) whole.push_back({rank, op.rank(rank).extent});
  }
  for (std::uint32_t chosen = 1; chosen < 1U << whole.size(); ++chosen) {
    LaneMap map{{}, true};
    for (std::size_t i = 0; i < whole.size(); ++i) {
      if ((chosen >> i & 1U) != 0) map.digits.push_back(whole[i]);
    }
    if (map.digits.size() > 1) found.push_back(map);
  }
}

std::vector<LaneMap> lane_maps(const Operator& op, const Instruction& instruction, bool swapped,
                               LaneDimId dim, const EmbedOptions& options) {
  std::vector<LaneMap> found;
  const std::int64_t lanes = instruction.dim(dim).extent;
  if (lanes == 1) return {LaneMap{}};
  const std::vector<RankId> ranks = eligible_ranks(op, instruction, swapped, dim);
  if (ranks.empty() && options.tiles == Tiles::padded) return {LaneMap{}};
  LaneMap map;
  add_boxes(op, options.tiles, ranks, 0, lanes, map, found);
  if (options.fused && options.tiles != Tiles::exact) add_fused(op, ranks, found);
  return found;
}

bool distinct_ranks(const Embedding& embedding) {
  std::vector<RankId> used;
  for (const LaneMap& map : embedding.lanes) {
    for (const Digit& digit : map.digits) used.push_back(digit.rank);
  }
  std::ranges::sort(used);
  return std::ranges::adjacent_find(used) == used.end();
}

/// Appends every combination of lane maps that is valid as a whole.
void combine(const Operator& op, const Instruction& instruction,
             const std::vector<std::vector<LaneMap>>& maps, Embedding& embedding,
             std::vector<Embedding>& found) {
  if (embedding.lanes.size() == maps.size()) {
    const auto allowed = [&](Part part) {
      return needed_layout(op, instruction, embedding, part) <=
             instruction_operand(instruction, part).layout;
    };
    if (distinct_ranks(embedding) && allowed(Part::data) && allowed(Part::weights) &&
        allowed(Part::result)) {
      found.push_back(embedding);
    }
    return;
  }
  for (const LaneMap& map : maps[embedding.lanes.size()]) {
    embedding.lanes.push_back(map);
    combine(op, instruction, maps, embedding, found);
    embedding.lanes.pop_back();
  }
}

}  // namespace

std::vector<RankId> eligible_ranks(const Operator& op, const Instruction& instruction, bool swapped,
                                   LaneDimId dim) {
  const Embedding role{swapped, {}};
  std::vector<RankId> ranks;
  for (std::size_t r = 0; r < op.ranks.size(); ++r) {
    const auto rank = static_cast<RankId>(r);
    const auto lacks = [&](Part part) {
      return has_dim(instruction_operand(instruction, part), dim) ||
             !relevant(tensor_operand(op, role, part), rank);
    };
    if (lacks(Part::data) && lacks(Part::weights) && lacks(Part::result)) ranks.push_back(rank);
  }
  return ranks;
}

std::vector<Embedding> enumerate(const Operator& op, const Instruction& instruction,
                                 const EmbedOptions& options) {
  std::vector<Embedding> found;
  for (const bool swapped : {false, true}) {
    if (options.swapped && *options.swapped != swapped) continue;
    std::vector<std::vector<LaneMap>> maps;
    for (std::size_t t = 0; t < instruction.dims.size(); ++t) {
      maps.push_back(lane_maps(op, instruction, swapped, static_cast<LaneDimId>(t), options));
    }
    Embedding embedding{swapped, {}};
    combine(op, instruction, maps, embedding, found);
  }
  std::ranges::sort(found);
  return found;
}

}  // namespace tileloom::embedder
