#pragma once
// What a loop tree means, by doing it: every buffer holds its elements, every step is taken, every
// access is one increment. Slow and obvious; docs/cost_model.md, section 1, sentence by sentence.

#include <span>
#include <vector>

#include "tileloom/cost/counts.hpp"
#include "tileloom/reference/evaluate_operator.hpp"

namespace tileloom::reference {

struct Interpretation {
  cost::PathCounts counts;
  std::vector<double> output;  ///< the output tensor afterwards
};

/// Executes one operator's path on the values of its tensors. The path is legal but for capacity.
/// Throws std::logic_error where the execution itself is impossible (an element is needed where it
/// is not), which for a legal path would be a flaw of section 1.
Interpretation interpret_path(const Operator& op, const Architecture& arch,
                              std::span<const PathNode> path, const TensorValues& tensors);

}  // namespace tileloom::reference
