#pragma once
// Timeloop's index factorisation: how the extents of the ranks are split over the tiling levels.

#include <cstdint>
#include <optional>
#include <vector>

#include "tileloom/mapper/mapspace.hpp"
#include "tileloom/support/random.hpp"

namespace tileloom::mapper {

/// A tiling level: the temporal loops below one memory, or all spatial loops below it, whichever
/// axes they will stand on.
struct TilingLevel {
  std::vector<std::size_t> slots;  ///< of the map space: one temporal slot, or the axes' slots
  bool spatial = false;
  std::int64_t room = 0;  ///< spatial: ∏ sizes of the axes
};

/// The levels of a space, outermost first; none outside the innermost home.
std::vector<TilingLevel> tiling_levels(const MapSpace& space);

/// One factor per level and rank, [level · ranks + rank]; the factors of a rank multiply to its
/// extent.
using Factorisation = std::vector<std::int64_t>;

/// Draws factorisations: for every rank all ordered factorisations are equally likely, whatever the
/// fanouts allow. Levels at which the constraints fix a rank's trips take what they demand.
class FactorisationSampler {
 public:
  FactorisationSampler(const MapSpace& space, const std::vector<TilingLevel>& levels);

  /// Absent if some spatial level has more positions in use than it has in all: such a draw is
  /// rejected, as in Timeloop.
  std::optional<Factorisation> draw(Random& random) const;

 private:
  /// A prime of what is left of a rank's extent, as often as `multiplicity` says.
  struct PrimePower {
    std::int64_t prime = 1;
    std::size_t multiplicity = 0;
  };
  struct RankChoice {
    std::vector<std::size_t> levels;  ///< that are free to take a factor
    std::vector<PrimePower> powers;
  };

  const std::vector<TilingLevel>& levels_;
  std::size_t ranks_;
  Factorisation fixed_;  ///< what the constraints demand, else 1
  std::vector<RankChoice> choices_;
};

}  // namespace tileloom::mapper
