#include "tileloom/cost/dispatch.hpp"

#include "tileloom/loop_tree/path_loops.hpp"
#include "tileloom/support/checked.hpp"

namespace tileloom::cost {

/// (L10) dispatch = launch + (sync + n · sync per core, if spatial loops over cores have n > 1
/// trips)
Cycles dispatch(const Operator& op, const Architecture& arch, std::span<const PathNode> path) {
  const std::vector<PathLoop> loops = path_loops(op, path);
  std::int64_t cores = 1;
  for (const PathLoop& at : loops) {
    if (at.loop.axis && arch.axes[*at.loop.axis].core) cores = checked_mul(cores, at.trips);
  }
  if (cores == 1) return {arch.launch_cycles};
  const std::int64_t sync =
      checked_add(arch.sync_cycles, checked_mul(cores, arch.links.sync_core_cycles));
  return {checked_add(arch.launch_cycles, sync)};
}

}  // namespace tileloom::cost
