#pragma once
#include <string>

#include "tileloom/embedder/embedder.hpp"

namespace tileloom::embedder {

/// Which constraint forbids every embedding of an infeasible question: the one without which there
/// is a solution, with its numbers.
std::string why_infeasible(const Operator& op, const Instruction& instruction,
                           const EmbedOptions& options, const Budget& budget);

}  // namespace tileloom::embedder
