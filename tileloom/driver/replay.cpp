#include "tileloom/driver/replay.hpp"

#include <array>

#include "tileloom/driver/replay_timeloop.hpp"

namespace tileloom::driver {

std::span<const Definition> definitions() {
  static constexpr std::array<Definition, 1> all{{
      {"timeloop", replay_timeloop, timeloop_tolerance},
  }};
  return all;
}

}  // namespace tileloom::driver
