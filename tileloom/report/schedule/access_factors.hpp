#pragma once
// An access count as a product over the loops that cause it.

#include <span>
#include <string>
#include <vector>

#include "tileloom/cost/evaluate.hpp"

namespace tileloom::report {

/// One loop's part in a count.
struct LoopFactor {
  std::size_t position = 0;  ///< of the loop in the path
  std::int64_t trips = 1;    ///< of its first, full trip range
  std::int64_t outside = 0;  ///< the count of one pass through the whole loop
  std::int64_t inside = 0;   ///< the count of its first trip alone
  std::string reason;
};

/// total = innermost · Π outside / inside, exactly; where `inside` is 0 the count starts there.
struct AccessFactors {
  std::string count;  ///< "fills", "reads", "updates", "update reads" or "drains"
  std::int64_t total = 0;
  std::int64_t innermost = 0;     ///< with every listed loop cut down to its first trip
  std::vector<LoopFactor> loops;  ///< outermost first, those with more than one trip
};

/// The factors of every count that is not 0, per Store (index as in PathCounts::stores). A loop's
/// factor is the closed-form count (docs/cost_model.md, section 2) of the operator cut down to the
/// loop's chunk, over that of the operator cut down to its first trip. Loops that stand inside the
/// buffers the count concerns are left out: their factor is 1.
std::vector<std::vector<AccessFactors>> access_factors(const Workload& workload, OperatorId op,
                                                       const Architecture& arch,
                                                       std::span<const PathNode> path);

}  // namespace tileloom::report
