#pragma once
// Which loops cause an access count, and where a picojoule comes from.

#include <optional>
#include <string>

#include "tileloom/cost/evaluate.hpp"

namespace tileloom::report {

/// What to explain of an operator's mapping; an absent name means all of them.
struct ExplainOptions {
  std::optional<std::string> tensor;
  std::optional<std::string> memory;
  std::size_t width = 100;  ///< terminal columns; 0 = as wide as it takes
  cost::LatencyModel latency_model = cost::LatencyModel::overlapped;
};

/// For every Store of the path that the options name, each access count as a product over the
/// loops, with the reason of every factor, and each energy with its source.
///
/// The factor of a loop is exact by definition: the count of everything inside the loop's enclosing
/// place, divided by the count of one full trip of it (docs/cost_model.md, section 2, applied to
/// the operator cut down to that trip). The factors from the outside in and the count of the
/// innermost place multiply to the whole count.
std::string explain(const Workload& workload, const Architecture& arch, OperatorId op,
                    std::span<const PathNode> path, const ExplainOptions& options = {});

}  // namespace tileloom::report
