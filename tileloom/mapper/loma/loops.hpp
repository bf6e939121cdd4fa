#pragma once
// The temporal loops LOMA orders: prime factors, merged until there are few enough.

#include <cstdint>
#include <vector>

#include "tileloom/cost/profiles/defines2022/prepared.hpp"

namespace tileloom::mapper::loma {

using cost::defines2022::TemporalLoop;

/// The most loops that are ordered: 12 different ones have 479 million orders.
inline constexpr int kMostLoops = 12;

/// Prime factors of the steps of each loop, in the order of the file; while there are more than
/// `limit` factors (or kMostLoops), the loop with the most of them (the first such) gets its two
/// smallest multiplied. Sorted descending by (name, size), where the enumeration begins. Source:
/// Symons et al., LOMA, AICAS 2021 ("loop prime factor limit").
std::vector<TemporalLoop> temporal_loops(const cost::defines2022::Prepared& prepared, int limit);

}  // namespace tileloom::mapper::loma
