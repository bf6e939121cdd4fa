#pragma once
// How full memories become while a fused stack is executed. docs/cost_model.md 9.4, from live
// elements.

#include <map>

#include "tileloom/reference/fused_sets.hpp"
#include "tileloom/reference/interpret_fused.hpp"

namespace tileloom::reference {

/// Most bits at a time in one instance of each memory, homes from outside the stack left out.
std::map<MemoryId, std::int64_t> fused_peaks(const Workload& workload, const Architecture& arch,
                                             const FusedStack& stack, const FusedSets& sets,
                                             const FusedInterpretation& run);

}  // namespace tileloom::reference
