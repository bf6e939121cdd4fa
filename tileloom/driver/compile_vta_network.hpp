#pragma once
// From a model to one program for VTA, and the proof that it computes what the integers say.

#include <cstdint>
#include <string>
#include <vector>

#include "tileloom/target/vta/network/network.hpp"
#include "tileloom/workload/integer_network.hpp"

namespace tileloom::driver {

/// Runs of a program on the simulator against the plain integer reference.
struct NetworkCheck {
  std::int64_t elements = 0;           ///< of the result
  std::int64_t wrong = 0;              ///< in all runs
  bool races = false;
  std::vector<std::string> errors;     ///< of the simulator
  std::vector<std::string> warnings;   ///< each once
};

/// Runs the program on one image with each of the three units scheduled first.
NetworkCheck check_network(const IntegerNetwork& network, const target::vta::Program& program,
                           const std::vector<std::int8_t>& image);

}  // namespace tileloom::driver
