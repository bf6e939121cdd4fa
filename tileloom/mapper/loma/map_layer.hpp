#pragma once
// The LOMA mapper: every order of the loops, cut into levels, the cheapest kept.

#include <optional>

#include "tileloom/cost/profiles/defines2022/evaluate.hpp"
#include "tileloom/cost/profiles/defines2022/size_range.hpp"

namespace tileloom::mapper::loma {

struct LomaOptions {
  /// The most loops that are ordered, at most kMostLoops; prime factors are multiplied until there
  /// are no more.
  int loop_limit = 6;
  /// As the artifact: of equal energies the order that comes first, and a memory in which nothing
  /// fits is passed over in silence (defect 9). Else: of equal energies the least latency1, and
  /// such an order is illegal.
  bool as_published = false;
};

struct MappedLayer {
  cost::defines2022::Mapping mapping;
  cost::defines2022::LayerCost cost;
  std::int64_t evaluations = 0;  ///< legal orders
};

/// The best mapping of a layer tile, or nothing if no order is legal.
/// @param machine  the hierarchies up to the top memory of each operand (see machine_for)
/// @param tile     loop bounds of the tile
/// Source: Symons et al., LOMA, AICAS 2021; exact_model.md of
/// the DeFiNES reference, section 4.
std::optional<MappedLayer> map_layer(const cost::defines2022::Machine& machine,
                                     const cost::defines2022::Layer& layer,
                                     const cost::defines2022::SpatialMapping& unrolling,
                                     const cost::defines2022::Sizes& tile,
                                     const LomaOptions& options);

/// The same, and for which sizes of each memory the answer would be the same.
std::optional<MappedLayer> map_layer(const cost::defines2022::Machine& machine,
                                     const cost::defines2022::Layer& layer,
                                     const cost::defines2022::SpatialMapping& unrolling,
                                     const cost::defines2022::Sizes& tile,
                                     const LomaOptions& options,
                                     cost::defines2022::SizeRanges& same);

/// What of `machine` a layer sees: up to level `top` of each operand. An addition gets its second
/// input as a twin of I1, up to I1's top.
cost::defines2022::Machine machine_for(const cost::defines2022::Machine& machine,
                                       const cost::defines2022::Layer& layer,
                                       const cost::defines2022::PerOperand<int>& top);

}  // namespace tileloom::mapper::loma
