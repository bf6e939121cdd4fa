#pragma once
// A fused stack in time, iteration by iteration, from what executing it moves: docs/cost_model.md
// 9.5, "The machine". Knows no closed form.

#include <map>
#include <utility>

#include "tileloom/cost/evaluate.hpp"
#include "tileloom/reference/interpret_fused.hpp"

namespace tileloom::reference {

struct FusedReplay {
  double cycles = 0;  ///< from the first copy to the last drain
  /// Bits of one instance (the mean over those in use) through every port.
  std::map<std::pair<MemoryId, cost::PortKind>, double> bits;
};

/// Children run one after the other, each as long as its steps or its slowest port takes. What the
/// next iteration needs is copied, and what the last one left is drained, while the children run,
/// as far as they leave a port free; the next iteration waits for the rest.
FusedReplay replay_fused(const Workload& workload, const Architecture& arch,
                         const FusedStack& stack, const FusedInterpretation& run);

}  // namespace tileloom::reference
