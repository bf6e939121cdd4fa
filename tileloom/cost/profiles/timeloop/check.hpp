#pragma once
// Which mappings the profile can evaluate (reference text 2.1).

#include <vector>

#include "tileloom/cost/profiles/timeloop/arch.hpp"
#include "tileloom/cost/profiles/timeloop/mapping.hpp"
#include "tileloom/cost/profiles/timeloop/problem.hpp"
#include "tileloom/loop_tree/check.hpp"

namespace tileloom::cost::timeloop {

/// The largest fan-out the profile lists child by child.
inline constexpr std::int64_t kMostChildren = 1 << 20;

/// Everything wrong with the three together; empty means evaluate() may be called.
/// * structure: level counts differ, meshes do not nest, factors of a dim do not multiply to its
///   bound, a dim in both X and Y of a level, a dataspace kept nowhere;
/// * fanout: more children of a level along X or Y than exist. Timeloop's model compares whole
///   products with the chip's mesh only; here every level is compared, as Timeloop's mapper does;
/// * capacity: Σ kept tiles > ⌊size / multiple_buffering⌋ words.
std::vector<Violation> check(const Arch& arch, const Problem& problem, const Mapping& mapping);

}  // namespace tileloom::cost::timeloop
