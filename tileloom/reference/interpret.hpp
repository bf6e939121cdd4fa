#pragma once
// What a loop tree means, by doing it: every buffer holds its elements, every step is taken, every
// access is one increment. Slow and obvious; docs/cost_model.md, section 1, sentence by sentence.

#include <map>
#include <optional>
#include <span>
#include <vector>

#include "tileloom/cost/counts.hpp"
#include "tileloom/reference/evaluate_operator.hpp"

namespace tileloom::reference {

struct Interpretation {
  cost::PathCounts counts;
  std::vector<double> output;  ///< the output tensor afterwards
};

/// Accesses of every Store (in path order) between two moments; tiles and instances are 0.
using Accesses = std::vector<cost::StoreCounts>;

/// What happens from one step to the next, in this order.
struct StepTrace {
  Accesses leaving;    ///< drains of the children and updates of their parents
  Accesses entering;   ///< reads of the parents and fills of their children
  Accesses computing;  ///< by the lanes
};

/// Executes one operator's path on the values of its tensors. The path is legal but for capacity.
/// Throws std::logic_error where the execution itself is impossible (an element is needed where it
/// is not), which for a legal path would be a flaw of section 1.
Interpretation interpret_path(const Operator& op, const Architecture& arch,
                              std::span<const PathNode> path, const TensorValues& tensors);

/// One element in a buffer. Without a value it is the reduction's neutral element.
struct Element {
  std::optional<double> value;
  bool found = false;    ///< the next update finds a partial sum here
  bool visited = false;  ///< has entered a child since it entered this buffer
};
using Buffer = std::map<std::int64_t, Element>;

/// The same as one of several runs into the same home of the output: `sums` is what the home holds,
/// before and afterwards. `output` of the answer is not meant.
Interpretation interpret_run(const Operator& op, const Architecture& arch,
                             std::span<const PathNode> path, const TensorValues& tensors,
                             Buffer& sums);

/// The accesses of every step, and one more entry for what leaves after the last.
std::vector<StepTrace> trace_path(const Operator& op, const Architecture& arch,
                                  std::span<const PathNode> path);

}  // namespace tileloom::reference
