#include <algorithm>

#include "tileloom/embedder/axis_model.hpp"
#include "tileloom/embedder/embedder.hpp"
#include "tileloom/embedder/infeasible.hpp"
#include "tileloom/embedding/check.hpp"

namespace tileloom::embedder {
namespace {

constexpr std::int64_t kNoLimit = -1;

/// Per role and dimension the fewest trips of a box, over all ranks, as a logarithm.
std::vector<std::vector<std::int64_t>> best_trips(const Operator& op,
                                                  const Instruction& instruction,
                                                  const std::vector<Embedding>& embeddings) {
  std::vector<std::vector<std::int64_t>> best(
      2, std::vector<std::int64_t>(instruction.dims.size(), kNoLimit));
  for (const Embedding& embedding : embeddings) {
    for (std::size_t t = 0; t < embedding.lanes.size(); ++t) {
      if (embedding.lanes[t].fused) continue;
      std::int64_t logs = 0;
      for (std::size_t d = 0; d < op.ranks.size(); ++d) {
        std::int64_t lanes = 1;
        for (const Digit& digit : embedding.lanes[t].digits) {
          if (index(digit.rank) == d) lanes = digit.lanes;
        }
        logs += trip_log(op.ranks[d].extent, lanes);
      }
      std::int64_t& least = best[embedding.swapped ? 1 : 0][t];
      if (least == kNoLimit || logs < least) least = logs;
    }
  }
  return best;
}

void append(AxisSolutions&& more, AxisSolutions& all) {
  all.nodes += more.nodes;
  all.complete = all.complete && more.complete;
  std::ranges::move(more.embeddings, std::back_inserter(all.embeddings));
}

}  // namespace

EmbedResult embed(const Operator& op, const Instruction& instruction, const EmbedOptions& options,
                  const Budget& budget) {
  if (std::string why = not_embeddable(op); !why.empty()) {
    return {Proof::infeasible, {}, std::move(why)};
  }
  AxisSolutions all = search_axis_nodes(op, instruction, {.options = options}, budget);
  if (options.idle_lanes && all.complete) {
    Budget rest = budget;
    rest.evaluations -= all.nodes;
    append(search_axis_nodes(op, instruction,
                             {.options = options,
                              .idle = true,
                              .trip_logs = best_trips(op, instruction, all.embeddings)},
                             rest),
           all);
  }
  std::ranges::sort(all.embeddings);
  if (!all.complete) return {Proof::budget_spent, std::move(all.embeddings), {}};
  if (!all.embeddings.empty()) return {Proof::optimal, std::move(all.embeddings), {}};
  return {Proof::infeasible, {}, why_infeasible(op, instruction, options, budget)};
}

}  // namespace tileloom::embedder
