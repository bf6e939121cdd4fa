#include "tileloom/mapper/timeloop_like/factorisation.hpp"

#include <algorithm>

#include "tileloom/support/checked.hpp"
#include "tileloom/support/factors.hpp"

namespace tileloom::mapper {
namespace {

/// What the constraints allow one rank at a level: on a single slot its bound, on several axes
/// anything (the axes are tested once they are chosen).
Bound allowed(const MapSpace& space, const TilingLevel& level, std::size_t rank) {
  if (level.slots.size() > 1) return {};
  return space.trips[level.slots.front() * space.ranks() + rank];
}

}  // namespace

std::vector<TilingLevel> tiling_levels(const MapSpace& space) {
  std::vector<std::uint32_t> everything;
  for (const Resident& resident : space.residents) everything.push_back(resident.may_keep);
  std::vector<TilingLevel> levels;
  std::optional<MemoryId> axes_of;  // the memory whose axes the last level holds
  for (const std::size_t slot : open_slots(space, everything)) {
    const Slot& place = space.slots[slot];
    if (!place.axis) {
      levels.push_back({{slot}, false, 0});
      continue;
    }
    const std::int64_t size = space.arch->axes[*place.axis].size;
    if (axes_of == place.memory) {
      levels.back().slots.push_back(slot);
      levels.back().room = checked_mul(levels.back().room, size);
    } else {
      levels.push_back({{slot}, true, size});
      axes_of = place.memory;
    }
  }
  return levels;
}

FactorisationSampler::FactorisationSampler(const MapSpace& space,
                                           const std::vector<TilingLevel>& levels)
    : levels_(levels), ranks_(space.ranks()), fixed_(levels.size() * space.ranks(), 1) {
  for (std::size_t r = 0; r < ranks_; ++r) {
    RankChoice choice;
    std::int64_t rest = space.op->ranks[r].extent;
    for (std::size_t l = 0; l < levels.size(); ++l) {
      const Bound bound = allowed(space, levels[l], r);
      if (bound.least != bound.most) {
        choice.levels.push_back(l);
      } else if (bound.least > 0 && rest % bound.least == 0) {
        fixed_[l * ranks_ + r] = bound.least;
        rest /= bound.least;
      }
    }
    if (choice.levels.empty()) choice.levels.push_back(0);  // breaks a rule: rejected later
    for (const std::int64_t prime : prime_factors(rest)) {
      if (choice.powers.empty() || choice.powers.back().prime != prime) {
        choice.powers.push_back({prime, 0});
      }
      ++choice.powers.back().multiplicity;
    }
    choices_.push_back(std::move(choice));
  }
}

std::optional<Factorisation> FactorisationSampler::draw(Random& random) const {
  Factorisation factors = fixed_;
  std::vector<std::int64_t> room;
  for (const TilingLevel& level : levels_) room.push_back(level.room);
  for (std::size_t r = 0; r < ranks_; ++r) {
    const RankChoice& choice = choices_[r];
    // The bars among stars and bars are a uniform subset: so is the ordered factorisation.
    for (const PrimePower& power : choice.powers) {
      std::size_t stars = power.multiplicity;
      std::size_t bars = choice.levels.size() - 1;
      std::size_t at = 0;
      while (stars > 0) {
        if (random.below(stars + bars) < stars) {
          factors[choice.levels[at] * ranks_ + r] *= power.prime;
          --stars;
        } else {
          ++at;
          --bars;
        }
      }
    }
    for (std::size_t l = 0; l < levels_.size(); ++l) {
      if (!levels_[l].spatial) continue;
      room[l] /= factors[l * ranks_ + r];
      if (room[l] == 0) return std::nullopt;
    }
  }
  return factors;
}

}  // namespace tileloom::mapper
