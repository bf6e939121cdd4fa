#include "tileloom/embedder/infeasible.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <vector>

#include "tileloom/embedder/axis_model.hpp"
#include "tileloom/embedder/radix.hpp"
#include "tileloom/support/factors.hpp"

namespace tileloom::embedder {
namespace {

bool feasible(const Operator& op, const Instruction& instruction, EmbedOptions options,
              const Budget& budget) {
  options.idle_lanes = false;
  return !search_axis_nodes(op, instruction, {.options = options}, budget).embeddings.empty();
}

/// The most lanes, dividing `lanes`, that tiles of these ranks can fill without padding.
std::int64_t most_lanes(const Operator& op, const std::vector<RankId>& ranks, Tiles tiles,
                        std::int64_t lanes, std::size_t next = 0) {
  if (next == ranks.size()) return 1;
  std::int64_t best = 1;
  for (const std::int64_t tile : divisors(lanes)) {
    const std::int64_t extent = op.rank(ranks[next]).extent;
    if (tiles == Tiles::within ? tile > extent : extent % tile != 0) continue;
    best = std::max(best, tile * most_lanes(op, ranks, tiles, lanes / tile, next + 1));
  }
  return best;
}

/// "z has 16 lanes, but tiles that divide C·R·S = 3·3·3 fill at most 1 of them"; empty if they fit.
std::string unfilled(const Operator& op, const Instruction& instruction, Tiles tiles, bool swapped,
                     LaneDimId id) {
  const LaneDim& dim = instruction.dim(id);
  const std::vector<RankId> ranks = eligible_ranks(op, instruction, swapped, id);
  const std::int64_t most = most_lanes(op, ranks, tiles, dim.extent);
  if (most == dim.extent) return {};
  if (ranks.empty()) {
    return fmt::format("{} has {} lanes, but no rank may stand in it", dim.name, dim.extent);
  }
  std::vector<std::string> names;
  std::vector<std::int64_t> extents;
  for (const RankId rank : ranks) {
    names.push_back(op.rank(rank).name);
    extents.push_back(op.rank(rank).extent);
  }
  return fmt::format("{} has {} lanes, but tiles {} {} = {} fill at most {} of them", dim.name,
                     dim.extent, tiles == Tiles::within ? "within" : "that divide",
                     fmt::join(names, "·"), fmt::join(extents, "·"), most);
}

/// The same for every dimension and role, what holds for both roles once.
std::string unfilled(const Operator& op, const Instruction& instruction,
                     const EmbedOptions& options) {
  std::vector<std::string> sentences;
  for (const bool swapped : {false, true}) {
    if (options.swapped && *options.swapped != swapped) continue;
    for (std::size_t t = 0; t < instruction.dims.size(); ++t) {
      std::string sentence =
          unfilled(op, instruction, options.tiles, swapped, static_cast<LaneDimId>(t));
      if (sentence.empty() || std::ranges::find(sentences, sentence) != sentences.end()) continue;
      if (swapped) sentence = "with roles swapped " + sentence;
      sentences.push_back(std::move(sentence));
    }
  }
  return fmt::format("{}", fmt::join(sentences, "; "));
}

}  // namespace

std::string why_infeasible(const Operator& op, const Instruction& instruction,
                           const EmbedOptions& options, const Budget& budget) {
  EmbedOptions padded = options;
  padded.tiles = Tiles::padded;
  if (options.tiles != Tiles::padded && feasible(op, instruction, padded, budget)) {
    return unfilled(op, instruction, options) + ": padding would allow it";
  }
  for (const Part part : {Part::data, Part::weights, Part::result}) {
    Instruction relaxed = instruction;
    InstructionOperand& role = part == Part::result ? relaxed.result
                               : part == Part::data ? relaxed.data
                                                    : relaxed.weights;
    if (role.layout == Layout::replicated) continue;
    const Layout given = role.layout;
    role.layout = Layout::replicated;
    if (feasible(op, relaxed, options, budget)) {
      return fmt::format("every embedding replicates elements in the {}, which must be {}",
                         role.name, to_string(given));
    }
  }
  if (!options.fixed.empty()) {
    EmbedOptions free = options;
    free.fixed.clear();
    if (feasible(op, instruction, free, budget)) {
      return fmt::format("no embedding has the layout that is fixed for the {}",
                         to_string(options.fixed.front().part));
    }
  }
  if (options.swapped) {
    EmbedOptions any = options;
    any.swapped.reset();
    if (feasible(op, instruction, any, budget)) {
      return fmt::format("the operator's inputs fit only with their roles {}",
                         *options.swapped ? "as they are" : "swapped");
    }
  }
  return "no two constraints can be met together: tiles, layouts, fixed layouts and roles";
}

}  // namespace tileloom::embedder
