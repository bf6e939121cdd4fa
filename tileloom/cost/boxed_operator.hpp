#pragma once
// An operator by itself in boxes of its own ranks: how every operator can run, however its axes lie
// to the split axes of the network. docs/cost_model.md, section 10.

#include <cstdint>
#include <optional>
#include <vector>

#include "tileloom/cost/block_cost.hpp"

namespace tileloom::cost {

/// Length of a box along each rank of an operator, at most the rank's extent.
using RankLengths = std::vector<std::int64_t>;

/// All boxes of an operator. Those of the output are shared out to the cores; inside each its sum
/// runs in steps.
struct BoxedWork {
  std::int64_t boxes = 1;  ///< of the output
  std::int64_t steps = 1;  ///< of the sum in each
  double weights = 0;      ///< bits read, all boxes and steps
  double in = 0;           ///< bits of activations read, all boxes and steps
  double out = 0;          ///< bits written
  double points = 0;
  double compute = 0;          ///< cycles on one core
  double largest_weights = 0;  ///< bits of one step
  double largest_in = 0;
  double largest_out = 0;
};

/// Σ over boxes: an axis that moves with ranks r reads the hull of what their box needs, inside the
/// tensor; an operand is read once for every box of the ranks it does not have.
BoxedWork boxed_work(const MulticoreMachine& machine, const Workload& workload, const Operator& op,
                     const OperatorField& field, const RankLengths& box);

/// Cycles of one box of these lengths on the lanes: (M3) of an operator of that size.
double box_cycles(const MulticoreMachine& machine, const Workload& workload, const Operator& op,
                  const OperatorField& field, const RankLengths& lengths);

/// Adds an operator on `cores` cores to the cost of a block. (M9)
void add_boxed(const MulticoreMachine& machine, const BoxedWork& work, std::int64_t cores,
               BlockCost& cost);

/// The whole operator as one box.
RankLengths whole_box(const Operator& op);
/// True if two steps (one without double buffering) of a box are no more than the rooms of a core.
bool fits(const MulticoreMachine& machine, const BoxedWork& work);

}  // namespace tileloom::cost
