#pragma once
// What a scheduler is asked, and the news it gives on the way.

#include <functional>
#include <string>

#include "tileloom/mapper/mapper.hpp"

namespace tileloom::scheduler {

/// What to schedule, and with what.
struct NetworkProblem {
  const Workload& workload;
  const Architecture& arch;
  cost::Objective objective;
  const mapper::Constraints& constraints;
  /// How the answers are timed. Mappers minimise `overlapped` in any case: docs/mapping_search.md.
  cost::LatencyModel latency_model = cost::LatencyModel::overlapped;
  std::function<double()> now = {};  ///< seconds since some moment; the library has no clock
};

/// The problem of one of its operators.
inline mapper::Problem mapper_problem(const NetworkProblem& problem, OperatorId id) {
  return {problem.workload, id, problem.arch, problem.objective, problem.constraints};
}

/// Called whenever an operator has been solved, or during the search for one.
struct NetworkProgress {
  std::size_t solved = 0;  ///< distinct operators
  std::size_t distinct = 0;
  std::string layer;        ///< the operator the news is about
  mapper::Progress search;  ///< of that operator
};
using OnNetworkProgress = std::function<void(const NetworkProgress&)>;

}  // namespace tileloom::scheduler
