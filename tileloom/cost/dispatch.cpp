#include "tileloom/cost/dispatch.hpp"

#include <algorithm>

#include "tileloom/loop_tree/path_loops.hpp"
#include "tileloom/support/checked.hpp"

namespace tileloom::cost {

/// (L10) dispatch = launch + (sync if a spatial loop over cores has more than one trip)
Cycles dispatch(const Operator& op, const Architecture& arch, std::span<const PathNode> path) {
  const std::vector<PathLoop> loops = path_loops(op, path);
  const bool several_cores = std::ranges::any_of(loops, [&](const PathLoop& at) {
    return at.loop.axis && arch.axes[*at.loop.axis].core && at.trips > 1;
  });
  return {several_cores ? checked_add(arch.launch_cycles, arch.sync_cycles) : arch.launch_cycles};
}

}  // namespace tileloom::cost
