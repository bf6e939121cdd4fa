#pragma once
// The embedding of an operator into vpdpbusd that is expected to run fastest.

#include <string>
#include <tl/expected.hpp>

#include "tileloom/target/x86_vnni/plan.hpp"

namespace tileloom::x86_vnni {

struct Choice {
  Operator op;  ///< as the embedding sees it (data_views)
  Embedding embedding;
  Plan plan;
};

/// Of all embeddings those that can be planned, and of these the one of fewest expected cycles, the
/// first of equals; or why there is none. Results that see padding only are left out of the loops.
/// `op` with channels last.
/// @param rows_beside  embeddings on a copy with rows beside one another are looked at, too
tl::expected<Choice, std::string> choose(const Operator& op, const Instruction& instruction,
                                         bool rows_beside = true);

}  // namespace tileloom::x86_vnni
