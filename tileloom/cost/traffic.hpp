#pragma once
// Traffic across one boundary: from the buffers of one Store to the buffers of the next inner one.

#include <span>

#include "tileloom/arch/architecture.hpp"
#include "tileloom/loop_tree/loop_tree.hpp"

namespace tileloom::cost {

/// Which positions between a buffer and its children share an access.
enum class Sharing : std::uint8_t {
  multicast,  ///< those along axes that can multicast
  reduce,     ///< those along axes that can reduce
  all         ///< every position
};

/// One boundary of one operand's tensor on a path. `parent` and `child` are positions of its Stores
/// in the path; `child == path.size()` stands for the lanes, an absent parent for the outside
/// world.
struct Boundary {
  const Operator& op;
  const Architecture& arch;
  std::span<const PathNode> path;
  const Operand& operand;
  std::optional<std::size_t> parent;
  std::size_t child;
};

/// Elements that cross, summed over all steps.
struct Traffic {
  std::int64_t entering = 0;       ///< distinct per group of positions
  std::int64_t entering_each = 0;  ///< every position counted
  std::int64_t leaving = 0;        ///< distinct per group of positions
  std::int64_t tile = 0;           ///< elements of the largest box of one child
};

/// Entering and leaving elements of the child buffers. (C1) to (C3)
Traffic buffer_traffic(const Boundary& boundary, Sharing sharing);

/// Elements the lanes use in every step: `entering` distinct per group, `entering_each` per lane.
/// (C4)
Traffic lane_traffic(const Boundary& boundary, Sharing sharing);

/// True if `loop` (at `position` of the path) is one of the spatial loops of the Store at `store`.
bool is_spatial_loop_of(const Architecture& arch, std::span<const PathNode> path, const Loop& loop,
                        std::size_t position, std::size_t store);

}  // namespace tileloom::cost
