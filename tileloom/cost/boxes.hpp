#pragma once
#include <algorithm>
#include <vector>

#include "tileloom/workload/interval.hpp"
#include "tileloom/workload/operator.hpp"

namespace tileloom::cost {

/// Indices of an axis between the least and the greatest that ranks low[r] ≤ r < high[r] need,
/// inside the tensor.
inline Interval indices_in(const Axis& axis, const std::vector<std::int64_t>& low,
                           const std::vector<std::int64_t>& high) {
  Interval found{axis.offset, axis.offset + 1};
  for (const Term& term : axis.terms) {
    found.begin += term.coefficient * low[index(term.rank)];
    found.end += term.coefficient * (high[index(term.rank)] - 1);
  }
  return {std::max<std::int64_t>(found.begin, 0), std::min(found.end, axis.extent)};
}

}  // namespace tileloom::cost
