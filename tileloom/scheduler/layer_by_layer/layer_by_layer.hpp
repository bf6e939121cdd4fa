#pragma once
// One operator after the other, every intermediate tensor at home in between.

#include <functional>
#include <string>

#include "tileloom/mapper/result_store.hpp"
#include "tileloom/scheduler/schedule.hpp"

namespace tileloom::scheduler {

/// What to schedule, and with what.
struct NetworkProblem {
  const Workload& workload;
  const Architecture& arch;
  cost::Objective objective;
  const mapper::Constraints& constraints;
};

/// Called whenever an operator has been solved, or during the search for one.
struct NetworkProgress {
  std::size_t solved = 0;  ///< distinct operators
  std::size_t distinct = 0;
  std::string layer;        ///< the operator the news is about
  mapper::Progress search;  ///< of that operator
};
using OnNetworkProgress = std::function<void(const NetworkProgress&)>;

/// Maps every operator; identical ones are solved once. `store` may be null. Operators are solved
/// in parallel; the answer does not depend on the number of threads.
Schedule layer_by_layer(const NetworkProblem& problem, const mapper::Mapper& mapper,
                        const std::string& mapper_name, const Budget& budget,
                        const mapper::ResultStore* store, const OnNetworkProgress& on_progress);

/// The schedule as one tree: all homes, then a Sequence of the operators' paths. Absent if an
/// operator has no mapping.
std::optional<LoopTree> network_tree(const Schedule& schedule);

}  // namespace tileloom::scheduler
