#pragma once
// The embedding of an operator into vpdpbusd that is expected to run fastest.

#include <string>
#include <tl/expected.hpp>

#include "tileloom/target/x86_vnni/plan.hpp"

namespace tileloom::x86_vnni {

struct Choice {
  Embedding embedding;
  Plan plan;
};

/// Of all embeddings those that can be planned, and of these the one of fewest expected cycles, the
/// first of equals; or why there is none. `op` with channels last.
tl::expected<Choice, std::string> choose(const Operator& op, const Instruction& instruction);

}  // namespace tileloom::x86_vnni
