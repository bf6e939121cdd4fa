#pragma once
// What an operator needs of its operands at the least, however it is cut.

#include "tileloom/workload/workload.hpp"

namespace tileloom::cost {

/// Bits of a tensor that the operand needs at the least: of every axis no more than the indices
/// that some point reads or writes. A single box of all ranks would read the hull of them.
double touched_bits(const Workload& workload, const Operator& op, const Operand& operand);
/// Of all constants that an operator reads.
double touched_constant_bits(const Workload& workload, const Operator& op);

}  // namespace tileloom::cost
