#include "tileloom/mapper/loma/rounding.hpp"

#include <cmath>

namespace tileloom::mapper::loma {
namespace {

using cost::defines2022::SpatialLoop;

struct Factor {
  std::int64_t size = 1;
  int copies = 1;
};

/// Tries every order of the factors, with the unrolling multiplied in at every place.
bool differs(std::vector<Factor>& factors, const SpatialLoop& unrolled, double product,
             std::int64_t exact, bool has_unrolled) {
  if (has_unrolled) {
    const std::int64_t rounded_up = (exact * unrolled.bound + unrolled.steps - 1) / unrolled.steps;
    if (static_cast<std::int64_t>(std::ceil(product)) != rounded_up) return true;
  } else if (differs(factors, unrolled, product * unrolled.fraction(), exact, true)) {
    return true;
  }
  for (Factor& factor : factors) {
    if (factor.copies == 0) continue;
    --factor.copies;
    const bool found = differs(factors, unrolled, product * static_cast<double>(factor.size),
                               exact * factor.size, has_unrolled);
    ++factor.copies;
    if (found) return true;
  }
  return false;
}

}  // namespace

bool rounding_matters(const Prepared& prepared, const Tables& tables) {
  for (const auto& level : prepared.operands[0].spatial) {
    for (const SpatialLoop& unrolled : level) {
      if (unrolled.bound % unrolled.steps == 0) continue;
      std::vector<Factor> factors;
      int count = 0;
      for (const Kind& kind : tables.kinds()) {
        if (kind.loop.dim != unrolled.dim) continue;
        factors.push_back({kind.loop.size, kind.copies});
        count += kind.copies;
      }
      constexpr int kFewFactors = 6;  // more orders than that are not worth the look
      if (count > kFewFactors || differs(factors, unrolled, 1, 1, false)) return true;
    }
  }
  return false;
}

}  // namespace tileloom::mapper::loma
