#pragma once
// Stack partition, tile size and overlap mode chosen together under DeFiNES' model.

#include <vector>

#include "tileloom/cost/objective.hpp"
#include "tileloom/scheduler/defines/joint_space.hpp"
#include "tileloom/support/budget.hpp"

namespace tileloom::scheduler::defines {

/// One stack with its tile and mode.
struct JointStack {
  NodeRange range;
  Point point;
  Totals totals;
};

/// Stacks one after the other; `latency` is DeFiNES' latency1.
struct JointSchedule {
  std::vector<JointStack> stacks;
  Picojoules energy;
  Cycles latency;
};

struct JointOptions {
  /// Tiles tried at the end of every stack, no larger than its map; the whole map always is.
  std::vector<Extent> tiles;
  /// Look for better tiles beside those, from the stacks of the best schedules (joint_climb.hpp).
  bool beside = true;
  Budget budget;  ///< threads and stop; the space is the work
};

struct JointResult {
  /// The schedules that no other beats in energy and latency both, least energy first; of schedules
  /// equal in both, one. With `tiles` alone it is the front of the space; a better tile beside them
  /// may add to it. Empty: none is feasible.
  std::vector<JointSchedule> front;
  Picojoules least_energy;       ///< of the space with `tiles` alone
  Cycles least_latency;          ///< of the space with `tiles` alone
  Proof proof = Proof::optimal;  ///< of the two; `budget_spent` if stopped before all was searched
  std::size_t ranges = 0;        ///< stacks that can be
  std::int64_t evaluations = 0;  ///< of a stack at a point
  std::size_t layer_tiles = 0;   ///< mapped by LOMA
};

/// Searches every partition into ranges of `space` with every tile and mode for every stack. In the
/// model stacks meet in the top memory and run one after the other, so energies and latencies add
/// up, and the best schedules are shortest paths over cut points (chains.hpp). Contains every point
/// of DeFiNES' own space whose tile is in `tiles` and whose cuts are its automatic ones.
JointResult best_joint(const JointSpace& space, const JointOptions& options);

/// The schedule of the front with the best score; the front must not be empty.
const JointSchedule& best_of(const JointResult& result, const cost::Objective& objective);

/// The cut points as ids of the layers after which a stack ends.
std::vector<std::int64_t> cuts_of(const JointSpace& space, const JointSchedule& schedule);

}  // namespace tileloom::scheduler::defines
