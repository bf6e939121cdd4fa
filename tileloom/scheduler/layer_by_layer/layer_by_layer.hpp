#pragma once
// One operator after the other, every intermediate tensor at home in between.

#include <string>

#include "tileloom/mapper/result_store.hpp"
#include "tileloom/scheduler/network_problem.hpp"
#include "tileloom/scheduler/schedule.hpp"

namespace tileloom::scheduler {

/// Maps every operator; identical ones are solved once. `store` may be null. Operators are solved
/// in parallel; the answer does not depend on the number of threads.
Schedule layer_by_layer(const NetworkProblem& problem, const mapper::Mapper& mapper,
                        const std::string& mapper_name, const Budget& budget,
                        const mapper::ResultStore* store, const OnNetworkProgress& on_progress);

/// The schedule as one tree: all homes, then a Sequence of the operators' paths. Absent if an
/// operator has no mapping.
std::optional<LoopTree> network_tree(const Schedule& schedule);

}  // namespace tileloom::scheduler
