#pragma once
// What a child's tile needs anew at every step of the temporal loops above it
// (reference text 2.3 and 2.4).

#include <compare>
#include <cstdint>
#include <map>
#include <vector>

#include "tileloom/cost/profiles/timeloop/tiles.hpp"

namespace tileloom::cost::timeloop {

/// A temporal loop as one dataspace sees it: each iteration moves the tile by `move`.
struct TileLoop {
  Vector move;
  std::int64_t count = 1;
};

/// The words of a tile that were not in the previous one.
enum class DeltaKind : std::uint8_t { empty, whole, halo };
struct Delta {
  DeltaKind kind = DeltaKind::empty;
  Vector move;  ///< of a halo: tile minus the tile shifted back by `move`; else empty
  auto operator<=>(const Delta&) const = default;
};

/// One kind of step. Steps that look alike are only counted, so a walk of 10^9 iterations is small.
struct Step {
  Delta now;
  Delta previous;  ///< delta of the previously visited step
  Vector move;     ///< from the previous tile to this one; empty if nothing depends on it
  auto operator<=>(const Step&) const = default;
};

/// How often each kind of step happens. Steps with an empty delta are left out.
using StepCounts = std::map<Step, std::int64_t>;

struct WalkRules {
  bool extrapolate = true;  ///< visit only iterations 0 and 1 of a loop; 1 counts n − 1 times
  bool every_step_whole =
      false;  ///< no reuse over time: what a MAC reads from the level feeding it
};

/// Words of `delta` of a tile with these `lengths`.
///     halo: ∏ l_r − ∏ max(0, l_r − |move_r|)
std::int64_t words(const Delta& delta, const Vector& lengths);

/// Walks `loops` (outer to inner) with a tile of `lengths`, which must not be empty.
StepCounts walk(const std::vector<TileLoop>& loops, const Vector& lengths, const WalkRules& rules);

}  // namespace tileloom::cost::timeloop
