#pragma once
// The allocations that the proxy cannot tell from its optimum, told apart by their exact cost.

#include <cstdint>
#include <optional>

#include "tileloom/mapper/cosa/program.hpp"
#include "tileloom/mapper/incumbent.hpp"

namespace tileloom::mapper::cosa {

struct TieOptions {
  bool ties = true;           ///< false: only the solution itself is looked at
  double slack = 0;           ///< proxy values up to this much (relative) above are tied, too
  std::int64_t most = 2'000;  ///< evaluations
};

struct Chosen {
  Point point;
  cost::Score score;
};

struct TieResult {
  std::optional<Chosen> best;  ///< absent if none of them is legal and fits
  std::int64_t evaluations = 0;
};

/// Walks from the solution over exchanges of prime factors that keep the proxy's value and its
/// rows (one copy to another place; two copies that change places), the cheapest mapping first, and
/// tries for the best of them the orders of loops that the proxy does not distinguish.
TieResult best_tie(const MapSpace& space, const Shape& shape, const Terms& terms,
                   const Allocation& solution, const cost::Objective& objective,
                   const TieOptions& options);

}  // namespace tileloom::mapper::cosa
