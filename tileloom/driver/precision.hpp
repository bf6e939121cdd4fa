#pragma once
#include "tileloom/arch/architecture.hpp"
#include "tileloom/workload/workload.hpp"

namespace tileloom::driver {

/// The workload with the element widths the machine works on: if `arch.compute.precision` is given
/// it replaces the operands' bits by role, and `accumulator_bits` those of partial sums; a tensor is
/// as wide as the widest of its operands. Otherwise the model's own types stay.
Workload apply_precision(Workload workload, const Architecture& arch);

/// What `apply_precision` does, as a sentence for reports ("8-bit inputs, …"); empty if nothing.
std::string precision_note(const Architecture& arch);

}  // namespace tileloom::driver
