#pragma once
// How often every buffer is read and written. Equations: docs/cost_model.md, section 2.

#include <cstdint>
#include <vector>

#include "tileloom/loop_tree/loop_tree.hpp"

namespace tileloom::cost {

/// Traffic of one Store, in elements, summed over all its instances and the whole run.
struct StoreCounts {
  Store store;
  Role role = Role::input;
  std::int64_t fills = 0;  ///< written here from the parent (inputs), or handed back down (outputs)
  std::int64_t reads = 0;  ///< inputs: read here to fill children or to feed compute
  std::int64_t updates = 0;  ///< outputs: written here by children or compute
  std::int64_t update_reads =
      0;                    ///< outputs: partial sums read here because an update was not the first
  std::int64_t drains = 0;  ///< outputs: read here to update the parent
  std::int64_t deliveries =
      0;  ///< elements that arrived at or left the positions below, each position counted
  std::int64_t tile = 0;       ///< elements of the largest box of one instance
  std::int64_t instances = 1;  ///< instances in use
  bool operator==(const StoreCounts&) const = default;
};

/// Counts of one operator's path.
struct PathCounts {
  std::vector<StoreCounts> stores;  ///< in path order
  std::int64_t points = 0;          ///< points computed
  std::int64_t steps = 0;           ///< time steps of the lanes in lockstep
  std::int64_t lanes = 1;           ///< lanes in use
  bool operator==(const PathCounts&) const = default;
};

/// Closed-form counts of a legal path (docs/cost_model.md, section 2). Equal to
/// reference/interpret.
PathCounts count_path(const Operator& op, const Architecture& arch, std::span<const PathNode> path);

}  // namespace tileloom::cost
