#pragma once
// An operator computed by its embedded instruction: pack, execute every step lane by lane, unpack.

#include <vector>

#include "tileloom/embedding/embedding.hpp"
#include "tileloom/reference/evaluate_operator.hpp"

namespace tileloom::reference {

/// The output tensor; elements that the operator does not write keep their value.
std::vector<double> execute_embedding(const Operator& op, const Instruction& instruction,
                                      const Embedding& embedding, const TensorValues& tensors);

}  // namespace tileloom::reference
