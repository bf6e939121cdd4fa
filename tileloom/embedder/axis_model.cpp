#include "tileloom/embedder/axis_model.hpp"

#include <cmath>
#include <gecode/search.hh>

#include "tileloom/embedder/axis_nodes.hpp"
#include "tileloom/support/checked.hpp"

namespace tileloom::embedder {

/// Role, kinds of map, ranks that take part, then radices: smallest domain, largest value first.
void AxisNodes::post_branching() {
  branch(*this, swapped_, Gecode::BOOL_VAL_MIN());
  branch(*this, Gecode::BoolVarArgs(fused_), Gecode::BOOL_VAR_NONE(), Gecode::BOOL_VAL_MIN());
  branch(*this, Gecode::BoolVarArgs(idle_), Gecode::BOOL_VAR_NONE(), Gecode::BOOL_VAL_MIN());
  branch(*this, Gecode::BoolVarArgs(part_), Gecode::BOOL_VAR_NONE(), Gecode::BOOL_VAL_MAX());
  branch(*this, Gecode::IntVarArgs(radix_), Gecode::INT_VAR_SIZE_MIN(), Gecode::INT_VAL_MAX());
}

Embedding AxisNodes::embedding() const {
  Embedding found{swapped_.val() == 1, {}};
  for (std::size_t t = 0; t < q_->dims(); ++t) {
    LaneMap map{{}, fused(t).val() == 1};
    for (std::size_t d = 0; d < q_->ranks(); ++d) {
      const auto rank = static_cast<RankId>(d);
      if (map.fused && part(t, d).val() == 1) map.digits.push_back({rank, q_->extent(d)});
      if (!map.fused && radix(t, d).val() > 1) map.digits.push_back({rank, radix(t, d).val()});
    }
    found.lanes.push_back(std::move(map));
  }
  return found;
}

namespace {

/// Ends the search when the budget is spent.
class NodeLimit final : public Gecode::Search::Stop {
 public:
  NodeLimit(const Budget& budget, std::int64_t spent) : budget_(budget), spent_(spent) {}
  bool stop(const Gecode::Search::Statistics& statistics, const Gecode::Search::Options&) override {
    return spent_ + static_cast<std::int64_t>(statistics.node) > budget_.evaluations ||
           budget_.stopped();
  }

 private:
  const Budget& budget_;
  std::int64_t spent_;
};

}  // namespace

int trip_log(std::int64_t extent, std::int64_t lanes) {
  const std::int64_t trips = ceil_div(extent, lanes);
  return static_cast<int>(std::lround(std::log2(static_cast<double>(trips)) * (1 << 20)));
}

/// The two roles are searched apart: fixing one at the root settles which ranks fit where, and
/// leaves little of the model to copy.
AxisSolutions search_axis_nodes(const Operator& op, const Instruction& instruction,
                                const AxisSearch& search, const Budget& budget) {
  AxisSolutions solutions;
  for (const bool swapped : {false, true}) {
    if (search.options.swapped && *search.options.swapped != swapped) continue;
    AxisSearch one_role = search;
    one_role.options.swapped = swapped;
    const Question question{op, instruction, one_role};
    NodeLimit limit(budget, solutions.nodes);
    Gecode::Search::Options options;
    options.threads = 1;
    options.c_d = 1;  // copying is cheaper here than computing again
    options.stop = &limit;
    AxisNodes root(question);
    Gecode::DFS<AxisNodes> engine(&root, options);
    while (AxisNodes* solution = engine.next()) {
      solutions.embeddings.push_back(solution->embedding());
      delete solution;
    }
    solutions.nodes += static_cast<std::int64_t>(engine.statistics().node);
    solutions.complete = solutions.complete && !engine.stopped();
  }
  return solutions;
}

}  // namespace tileloom::embedder
