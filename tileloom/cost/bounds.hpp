#pragma once
#include "tileloom/cost/evaluate.hpp"
#include "tileloom/cost/objective.hpp"

namespace tileloom::cost {

/// What no legal mapping of the operator can beat whose homes are the outermost memories that may
/// hold the tensors (docs/cost_model.md, section 6).
struct LowerBound {
  Cycles latency{};
  Picojoules energy{};
};

/// Compulsory work: every point on a lane, every element that is used out of its home once, every
/// operand of every point out of the cheapest memory at the widest sharing. (B1), (B2)
LowerBound lower_bound(const Operator& op, const Architecture& arch);

}  // namespace tileloom::cost
