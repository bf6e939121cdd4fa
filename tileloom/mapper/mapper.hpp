#pragma once
// The one interface of everything that maps a single operator.

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "tileloom/cost/evaluate.hpp"
#include "tileloom/cost/objective.hpp"
#include "tileloom/mapper/constraints.hpp"
#include "tileloom/mapper/pareto_front.hpp"
#include "tileloom/support/budget.hpp"

namespace tileloom::mapper {

/// One operator on one architecture, to be mapped for one objective under the user's constraints.
struct Problem {
  const Workload& workload;
  OperatorId op;
  const Architecture& arch;
  cost::Objective objective;
  const Constraints& constraints;
};

/// The answer. Whatever a mapper optimised inside, `evaluation` is cost::evaluate's of `tree`, and
/// `tree` passed loop_tree/check.
struct MapResult {
  Proof proof = Proof::budget_spent;
  std::string space;                           ///< the map space in which `proof` holds, in words
  std::optional<LoopTree> tree;                ///< absent if nothing valid was found
  std::optional<cost::Evaluation> evaluation;  ///< of `tree`
  cost::Score lower_bound;                     ///< no mapping in the space scores less
  std::int64_t evaluations = 0;
  std::int64_t draws = 0;  ///< mappings looked at, those rejected without an evaluation included
  std::string reason;      ///< infeasible: the unmet inequality with its numbers; else empty
  std::optional<ParetoFront> front;  ///< if the objective asks for it; `tree` is its point of least EDP
};

/// Relative distance of the found score to the bound, 0 = proved optimal; absent without a tree.
std::optional<double> gap(const MapResult& result, const cost::Objective& objective);

/// Called now and then during a search: incumbent so far (if any), bound, evaluations used.
struct Progress {
  std::optional<cost::Score> incumbent;
  cost::Score lower_bound;
  std::int64_t evaluations = 0;
};
using OnProgress = std::function<void(const Progress&)>;

class Mapper {
 public:
  virtual ~Mapper() = default;
  virtual MapResult map(const Problem& problem, const Budget& budget,
                        const OnProgress& on_progress) const = 0;
};

}  // namespace tileloom::mapper
