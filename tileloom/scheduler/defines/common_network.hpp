#pragma once
// Operators of a common workload as networks DeFiNES can tile.

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "tileloom/arch/architecture.hpp"
#include "tileloom/cost/profiles/defines2022/layer.hpp"
#include "tileloom/workload/workload.hpp"

namespace tileloom::scheduler::defines {

using Lanes = PerId<AxisId, SpatialAxis>;  ///< of an architecture

/// Which rank of an operator each loop of DeFiNES is.
using LoopRanks = std::array<std::optional<RankId>, cost::defines2022::kDims>;

/// Neighbours in the workload's order that make one DeFiNES network: its layers are the inputs from
/// outside, then the operators.
struct Segment {
  cost::defines2022::Network network;
  std::vector<OperatorId> operators;
  PerId<cost::defines2022::LayerIndex, std::optional<OperatorId>> op;  ///< absent: an input
  PerId<cost::defines2022::LayerIndex, LoopRanks> ranks;
};

/// An operator that DeFiNES has no layer for, and why.
struct Unfit {
  OperatorId op{};
  std::string why;
};

struct CommonNetwork {
  std::vector<Segment> segments;  ///< every fit operator is in one, in order
  std::vector<Unfit> unfit;
};

/// Every operator that is a convolution to DeFiNES (one activation, at most one constant, windows
/// on at most two axes; a matrix product or an element-wise function is one without windows), or an
/// addition of two equal maps. The two innermost axes of its output that move through an activation
/// are OX and OY, or those its producer's map has. Neighbours join as long as each map inside is
/// read on the same two axes it is written on, and nothing but the last one's is used outside.
/// Spatial mappings: unrolling_of, under the machine's name.
CommonNetwork networks_of(const Workload& workload, const cost::defines2022::Machine& machine,
                          const Lanes& lanes);

/// Which loop runs along each axis of the lanes: the choice with the fewest steps
///     Π_d ⌈size_d / Π unrolled_d⌉
/// for the whole layer, loops the axis may run over (arch: Unroll) only, and every memory holds what
/// its lanes need in one step; of equal ones that with more axes after their own names (k, c, ox,
/// oy), then the first in the order K, C, G, OX, OY, B, FX, FY.
cost::defines2022::SpatialMapping unrolling_of(const cost::defines2022::Layer& layer,
                                               const cost::defines2022::Machine& machine,
                                               const Lanes& lanes);

}  // namespace tileloom::scheduler::defines
