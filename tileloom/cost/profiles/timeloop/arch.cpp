#include "tileloom/cost/profiles/timeloop/arch.hpp"

#include <algorithm>

#include "tileloom/support/checked.hpp"

namespace tileloom::cost::timeloop {

Mesh fanout_of(const Arch& arch, std::size_t s) {
  const Mesh& inner = s == 0 ? arch.arithmetic.mesh : arch.levels[s - 1].mesh;
  const Mesh& outer = arch.levels[s].mesh;
  return {inner.x / outer.x, inner.y / outer.y};
}

std::int64_t physical_arrays(const Level& level) {
  return std::max<std::int64_t>(1,
                                checked_mul(level.mesh.x, level.mesh.y) / level.cluster_size);
}

}  // namespace tileloom::cost::timeloop
