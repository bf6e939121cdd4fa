#pragma once
// Verifies every scalar multiply-accumulate of an instruction against the operator's data flow,
// node by node, without trusting how the embedding was found.

#include <string>
#include <vector>

#include "tileloom/embedding/packing.hpp"

namespace tileloom {

/// Why the operator is no multiply-accumulate of two inputs that an instruction could compute;
/// empty if it is.
std::string not_embeddable(const Operator& op);

/// The layout that an embedding needs for one operand.
Layout needed_layout(const Operator& op, const Instruction& instruction, const Embedding& embedding,
                     Part part);

/// The violated constraints as sentences; empty: the embedding computes the operator. Checked:
///  - form: ranks exist, no rank in two digits, lanes fill each dimension, fused ranks whole
///  - sharing: lanes that read one operand element of the instruction read one tensor element, and
///    lanes that add into one result element add into one output element
///  - distinctness: no two lanes compute the same point
///  - layout: an element stands in one lane unless the operand may be replicated, and neighbours
///    stand side by side if it must be dense
///  - padding: every padded point of a reduction meets a zero, every padded output is cropped
std::vector<std::string> violations(const Operator& op, const Instruction& instruction,
                                    const Embedding& embedding);

}  // namespace tileloom
