#pragma once
#include <string>

#include "tileloom/loop_tree/loop_tree.hpp"
#include "tileloom/support/diagnostic.hpp"

namespace tileloom {

/// The only text form of a tree; `parse_tree(print_tree(t)) == t`. Names as in workload and
/// architecture.
///
///     store I, W, O in DRAM
///     for K in 16
///       store W in GlobalBuffer keep same
///       spatial C in 4 on pe
///         compute conv1
///
/// `single` after a store: one copy even in a double-buffered memory.
/// `for RANK in TILE` is a temporal loop in steps of TILE; with more than one operator the rank is
/// written OPERATOR.RANK. `sequence` and `parallel` are followed by one indented `then` block per
/// child.
std::string print_tree(const Workload& workload, const Architecture& arch, const LoopTree& tree);

Result<LoopTree> parse_tree(const std::string& text, const std::string& file,
                            const Workload& workload, const Architecture& arch);

}  // namespace tileloom
