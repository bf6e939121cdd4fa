#include "tileloom/driver/replay.hpp"

#include <array>

#include "tileloom/driver/replay_defines.hpp"
#include "tileloom/driver/replay_timeloop.hpp"
#include "tileloom/driver/replay_zigzag.hpp"

namespace tileloom::driver {

std::span<const Definition> definitions() {
  static constexpr std::array<Definition, 6> all{{
      {"timeloop", replay_timeloop, timeloop_tolerance},
      {"defines2022", replay_defines_runs, defines_tolerance},
      {"defines2022/grid", replay_defines_grid, defines_tolerance},
      {"defines2022/cases", replay_defines_cases, defines_tolerance},
      {"defines2022/cuts", replay_defines_cuts, defines_tolerance},
      {"zigzag385", replay_zigzag385, zigzag385_tolerance},
  }};
  return all;
}

}  // namespace tileloom::driver
