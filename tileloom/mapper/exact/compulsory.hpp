#pragma once
// What every mapping of an operator has to move at least. docs/mapping_search.md, section 5.

#include "tileloom/workload/operator.hpp"

namespace tileloom::mapper {

/// Distinct elements of the operand that some point uses, at least: per axis every index of the
/// hull inside the tensor if the hull has no holes, else what the longest term reaches alone.
double used_elements(const Operator& op, const Operand& operand);

/// Elements of the box of the whole operand (the hull cut to the tensor): what a home holds.
double hull_elements(const Operator& op, const Operand& operand);

/// Points at which the operand's element exists, i.e. is not padding: exact while the terms but
/// the longest of every axis have at most 2^20 combinations, else a lower bound.
double uses(const Operator& op, const Operand& operand);

}  // namespace tileloom::mapper
