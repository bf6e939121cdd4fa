#pragma once
// A mapping as the model counts it: stationary loops pushed down, the iterations below each level.

#include "tileloom/cost/profiles/defines2022/prepared.hpp"

namespace tileloom::cost::defines2022 {

/// One operand's levels after merging.
struct MergedOperand {
  std::vector<int> boundary;         ///< [k]: loops at or below memory k
  std::vector<Sizes> below;          ///< [b]: iterations of each loop below boundary b; b = 0: none
  std::vector<std::int64_t> cycles;  ///< [b]: their product
  std::vector<std::int64_t> left;    ///< [b]: irrelevant iterations that remain above boundary b
  std::vector<double> top_relevant;  ///< [b]: run of relevant loops at the outer end below b
  std::vector<double> top_irrelevant;  ///< [b]: the same of irrelevant loops
};

/// Merging: while the innermost loop of a level is irrelevant to the operand, it sinks into the
/// level below. Source: exact_model.md, section 5.
std::vector<MergedOperand> merge(const Prepared& prepared, const Mapping& mapping);

}  // namespace tileloom::cost::defines2022
