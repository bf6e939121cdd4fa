#pragma once
// How long each layer of a network takes in the cycle model.

#include <array>
#include <vector>

#include "tileloom/target/vta/isa/program.hpp"
#include "tileloom/target/vta/simulator/timing.hpp"

namespace tileloom::target::vta {

/// From the end of the layer before to the end of the layer's last instruction: together the layers
/// take all of the program's time.
struct LayerTime {
  Cycles begin{};
  Cycles end{};
  std::array<Cycles, kUnits> busy{};  ///< of the layer's own instructions, by Unit
};

std::vector<LayerTime> layer_times(const std::vector<LayerSpan>& layers, const Timing& timing);

}  // namespace tileloom::target::vta
