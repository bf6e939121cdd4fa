#pragma once
// One operator as a layer of DeFiNES.

#include <tl/expected.hpp>

#include "tileloom/scheduler/defines/common_network.hpp"

namespace tileloom::scheduler::defines {

/// Where the two axes of a map lie in a tensor's view: an axis of `extent` entries that are `below`
/// elements apart.
struct MapAxis {
  std::int64_t extent = 1, below = 1;
  bool operator==(const MapAxis&) const = default;
};
struct MapAxes {
  std::optional<MapAxis> x, y;
  bool operator==(const MapAxes&) const = default;
};

struct CommonLayer {
  cost::defines2022::Layer layer;  ///< without id and producers
  LoopRanks ranks{};
  std::vector<TensorId> activations;  ///< of the inputs that are no constants, in their order
  MapAxes reads, writes;              ///< the maps' axes in the activations and in the output
};

/// The operator as a layer whose map is read on `wanted`, if it can be, else on the two innermost
/// axes that move through its activation; or why it is none.
tl::expected<CommonLayer, std::string> layer_of(const Workload& workload, OperatorId op,
                                                const std::optional<MapAxes>& wanted);

}  // namespace tileloom::scheduler::defines
