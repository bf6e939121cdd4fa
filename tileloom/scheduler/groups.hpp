#pragma once
// Equal operators are solved once, and every operator gets its copy of the answer.

#include <vector>

#include "tileloom/scheduler/network_problem.hpp"
#include "tileloom/scheduler/schedule.hpp"

namespace tileloom::scheduler {

/// The operators by what they are to a mapper.
struct Groups {
  std::vector<OperatorId> distinct;   ///< the first of each group
  std::vector<std::size_t> group_of;  ///< per operator
};
Groups group_operators(const NetworkProblem& problem);

/// The answer for the first operator of a group.
struct GroupAnswer {
  mapper::MapResult result;
  bool from_cache = false;
  double seconds = 0;  ///< the search took
};

/// The layer-by-layer schedule of all operators. `answers`: per group.
Schedule assemble(const NetworkProblem& problem, const std::string& mapper_name,
                  const Groups& groups, const std::vector<GroupAnswer>& answers);

}  // namespace tileloom::scheduler
