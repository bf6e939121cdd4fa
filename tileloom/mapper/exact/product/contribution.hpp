#pragma once
// What one way to split a group's temporal trips contributes to every count.

#include <cstdint>
#include <functional>
#include <vector>

#include "tileloom/mapper/exact/product/candidates.hpp"

namespace tileloom::mapper::product {

/// A candidate being worked out.
struct Draft {
  std::vector<std::int64_t> trips;
  std::vector<double> least;
  std::vector<double> most;  ///< by column: some arrangement brings in no more
  std::vector<double> boxes;
  std::vector<std::uint8_t> moves;
  std::uint32_t reduces_from = 0;
};

/// Works out all of a draft but its trips, under one skeleton and spatial choice; false, with the
/// rest left open, if a box does not fit its memory even alone. The arguments outlive it.
std::function<bool(Draft&)> contribution(const Frame& frame, std::size_t group,
                                         const SpatialChoice& choice);

}  // namespace tileloom::mapper::product
