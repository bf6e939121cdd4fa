#pragma once
// An operand as independent axes: every count of the operand is a sum of products over them.
// docs/cost_model.md, section 2.

#include <cstddef>
#include <vector>

#include "tileloom/cost/axis_sums.hpp"
#include "tileloom/workload/operator.hpp"

namespace tileloom::cost {

/// The axis and the chain in it that a rank belongs to.
struct RankPlace {
  std::size_t axis = 0;
  std::size_t chain = 0;
};

struct OperandAxes {
  /// The operand's axes, then one idle-only axis per rank it does not have; chains without loops.
  std::vector<AxisChains> axes;
  std::vector<RankPlace> places;  ///< by rank, into `axes`
};

OperandAxes operand_axes(const Operator& op, const Operand& operand);

}  // namespace tileloom::cost
