#include "tileloom/cost/profiles/timeloop/arch.hpp"

namespace tileloom::cost::timeloop {

Mesh fanout_of(const Arch& arch, std::size_t s) {
  const Mesh& inner = s == 0 ? arch.arithmetic.mesh : arch.levels[s - 1].mesh;
  const Mesh& outer = arch.levels[s].mesh;
  return {inner.x / outer.x, inner.y / outer.y};
}

}  // namespace tileloom::cost::timeloop
