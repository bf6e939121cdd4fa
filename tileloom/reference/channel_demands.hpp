#pragma once
// Where a core's data lie.

#include <vector>

#include "tileloom/cost/multicore_machine.hpp"
#include "tileloom/reference/contention.hpp"

namespace tileloom::reference {

/// Activations lie over all channels in turn; most are remote.
inline std::vector<Demand> interleaved_demands(const cost::MulticoreMachine& machine,
                                               std::int64_t core, double bits) {
  std::vector<Demand> demands;
  for (std::int64_t g = 0; g < machine.channels; ++g) {
    demands.push_back({static_cast<std::size_t>(g), bits / static_cast<double>(machine.channels),
                       g == core % machine.channels ? 1 : 1 / machine.remote});
  }
  return demands;
}

/// Weights have a copy in every channel.
inline std::vector<Demand> near_demands(const cost::MulticoreMachine& machine, std::int64_t core,
                                        double bits) {
  return {{static_cast<std::size_t>(core % machine.channels), bits, 1}};
}

}  // namespace tileloom::reference
