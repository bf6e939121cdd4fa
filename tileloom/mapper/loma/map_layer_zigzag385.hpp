#pragma once
// LOMA as in ZigZag 3.8.5, under that edition's cost model.

#include <optional>

#include "tileloom/cost/profiles/zigzag385/evaluate.hpp"

namespace tileloom::mapper::loma {

enum class Objective385 : std::uint8_t {
  energy,   ///< then latency2
  latency,  ///< latency2, then energy
};

struct MappedLayer385 {
  cost::defines2022::Mapping mapping;
  cost::zigzag385::LayerCost cost;
  std::int64_t evaluations = 0;  ///< legal orders
};

/// The first order that is best, or nothing if none is legal. Allocation counts the extents of
/// windows truncated; the rest is that of map_layer.hpp.
std::optional<MappedLayer385> map_layer_zigzag385(const cost::defines2022::Prepared& prepared,
                                                  int loop_limit, Objective385 objective);

}  // namespace tileloom::mapper::loma
