#pragma once
// What a workload holds, for people (a table) and for programs (JSON).

#include <string>

#include "tileloom/workload/workload.hpp"

namespace tileloom::report {

/// Operators with their ranks, work and operand sizes; then one line per node of the model; then
/// the totals.
std::string model_table(const Workload& workload);

/// The same as JSON, schema "tileloom.inspect.model/1":
///   schema, name, macs, bits_moved,
///   nodes {mapped, folded, unmapped}: how many nodes became what,
///   operators [{name, kind, function, reduction, macs, points, ranks {name: extent},
///               inputs/output {tensor, role, bits, partial_bits, elements, axes}}],
///   tensors [{name, shape, bits, kind}],
///   coverage [{node, type, status, operators, note, macs, bits_moved}].
std::string model_json(const Workload& workload);

}  // namespace tileloom::report
