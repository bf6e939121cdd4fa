#pragma once
#include <vector>

#include "tileloom/cost/evaluate.hpp"
#include "tileloom/cost/objective.hpp"

namespace tileloom::cost {

/// What no legal mapping of the operator can beat whose homes are the outermost memories that may
/// hold the tensors (docs/cost_model.md, section 6).
struct LowerBound {
  Cycles latency{};
  Picojoules energy{};
};

/// Work that no mapping can avoid, before it is rounded to cycles: of operators that run one after
/// the other and are timed together it adds up, port by port.
struct LeastWork {
  double compute = 0;         ///< cycles of the lanes
  std::vector<double> ports;  ///< cycles of read, write and shared port of every memory
  Picojoules energy{};

  LeastWork& operator+=(const LeastWork& other);
  Cycles latency() const;
};
LeastWork least_work(const Operator& op, const Architecture& arch);

/// Compulsory work: every point on a lane, every element that is used out of its home once, every
/// operand of every point out of the cheapest memory at the widest sharing. (B1), (B2)
LowerBound lower_bound(const Operator& op, const Architecture& arch);

}  // namespace tileloom::cost
