#pragma once
// What makes two operators the same to a mapper, and how an answer for one serves the other.

#include <string>

#include "tileloom/mapper/mapper.hpp"

namespace tileloom::mapper {

/// The operator without names: ranks, operands, bits, point function and reduction. Operators with
/// equal text have the same mappings at the same cost.
std::string canonical_text(const Operator& op);

/// All a mapper's answer for the operator depends on: the canonical text and, where constraints
/// name ranks or tensors, those names and the constraints.
std::string problem_text(const Problem& problem);

/// `tree`, a mapping of `from`, as a mapping of the equal operator `to`.
LoopTree transferred(const LoopTree& tree, const Operator& from, OperatorId to_id,
                     const Operator& to);

}  // namespace tileloom::mapper
