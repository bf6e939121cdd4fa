#pragma once
// From a failing random case to a small one that a reader can work by hand.

#include <functional>
#include <string>

#include "tileloom/reference/random_tree.hpp"

namespace tileloom::reference {

/// The operator's operands, the machine's abilities, and the tree as text.
std::string describe(const RandomCase& c);

/// Repeats every simplification that keeps the tree legal and the case failing: smaller ranks,
/// fewer Stores and loops, time instead of space, no padding, the defaults of the machine.
RandomCase shrink(RandomCase failing, const std::function<bool(const RandomCase&)>& fails);

}  // namespace tileloom::reference
