#pragma once
// A whole schedule, executed: every part with real values, what it moved through every port, how
// full memories became and how long that took. Knows no closed form of counts.

#include <map>
#include <utility>
#include <vector>

#include "tileloom/cost/evaluate.hpp"
#include "tileloom/reference/evaluate_operator.hpp"

namespace tileloom::reference {

/// An operator on its own, or a stack.
struct ReplayedPart {
  std::vector<OperatorId> operators;
  double cycles = 0;
  /// Bits of one instance (the mean over those in use) through every port.
  std::map<std::pair<MemoryId, cost::PortKind>, double> bits;
  /// Most bits at a time in one instance; of a stack without homes from outside.
  std::map<MemoryId, std::int64_t> peaks;
};

struct TreeReplay {
  std::vector<ReplayedPart> parts;
  TensorValues tensors;  ///< afterwards; what was dropped inside a stack is NaN
};

/// Executes the homes' parts one after the other: single paths, and fused stacks on one core. The
/// time of a stack is that of replay_fused; that of an operator, by model `overlapped`, what its
/// slowest port or the lanes take, by model `stalling` that of replay_path.
TreeReplay replay_tree(const Workload& workload, const Architecture& arch,
                       const std::vector<PathNode>& homes, const std::vector<LoopTree>& parts,
                       cost::LatencyModel model, TensorValues tensors);

}  // namespace tileloom::reference
