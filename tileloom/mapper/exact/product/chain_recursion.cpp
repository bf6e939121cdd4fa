// The recursion of ChainBound: over the Stores whose boxes have moved last and the shape inside.

#include <algorithm>
#include <cmath>

#include "tileloom/mapper/exact/product/chain_bound.hpp"

namespace tileloom::mapper::product {

/// Stores of the set that stand: all that belong further out do.
std::uint32_t ChainBound::standing(std::uint32_t set) const {
  std::uint32_t standing = 0;
  for (bool more = true; more;) {
    more = false;
    for (std::size_t i = 0; i < moving_.size(); ++i) {
      const std::uint32_t bit = std::uint32_t{1} << i;
      if ((set & bit & ~standing) == 0) continue;
      if ((moving_[i].before & active_ & ~standing) != 0) continue;
      standing |= bit;
      more = true;
    }
  }
  return standing;
}

/// False if an inner box of a tensor has moved last before an outer one, or a Store takes no part.
bool ChainBound::passes(std::uint32_t set) const {
  if ((set & ~active_) != 0) return false;
  for (std::size_t i = 0; i < moving_.size(); ++i) {
    if ((set >> i & 1) != 0 && (moving_[i].outer & active_ & ~set) != 0) return false;
  }
  return true;
}

/// Ranks that must not turn until Stores of the set stand whose boxes they would move.
std::uint64_t ChainBound::frozen(std::uint32_t set) const {
  const std::uint32_t waiting = set & ~standing(set);
  std::uint64_t ranks = 0;
  for (std::size_t i = 0; i < moving_.size(); ++i) {
    if ((waiting >> i & 1) != 0) ranks |= moving_[i].ranks;
  }
  return ranks;
}

/// A box beside those of mates that moved last before and the smallest of the others. Where results
/// cross, all their sums are made inside.
Grid ChainBound::bar(std::size_t i, std::uint32_t mates) const {
  const Moving& moving = moving_[i];
  const bool results = crosses_whole(moving);
  Grid bits(shapes_.size(), 0.0);
  const auto add = [&](const Moving& of) {
    const Grid& elements = of.elements();
    for (std::size_t s = 0; s < bits.size(); ++s) bits[s] += width(of) * elements[s];
  };
  add(moving);
  double others = 0;
  for (std::size_t m = 0; m < moving.mates.size(); ++m) {
    const Moving& mate = moving_[moving.mates[m]];
    if ((mates >> m & 1) != 0) {
      add(mate);
    } else {
      others += width(mate) * mate.smallest;
    }
  }
  for (double& sum : bits) sum = sum + others > moving.room ? INFINITY : 0;
  for (std::size_t s = 0; s < bits.size() && results; ++s) bits[s] += whole_sums_[s] - 1;
  return bits;
}

/// Parts of the form by Store.
void ChainBound::find_costs(const Form& form, std::uint32_t active) {
  for (std::size_t i = 0; i < moving_.size(); ++i) {
    const Moving& moving = moving_[i];
    costs_[i].assign(moving.sliding.size(), {});
    tolls_[i].clear();
    for (std::size_t c = 0; c < moving.sliding.size() && (active >> i & 1) != 0; ++c) {
      if (c > 0 && !moving.slides(c)) continue;
      Grid& costs = costs_[i][c];
      costs.assign(c > 0 ? shapes_.cuts(*spans_[c - 1]) : shapes_.size(), 0);
      for (std::size_t n = 0; n < moving.quantities.size(); ++n) {
        const double factor = form.factors[moving.quantities[n]];
        if (factor == 0) continue;
        const Grid& values = moving.values(c, n);
        for (std::size_t s = 0; s < costs.size(); ++s) costs[s] += factor * values[s];
      }
    }
  }
}

std::uint32_t ChainBound::mates_in(std::size_t i, std::uint32_t set) const {
  std::uint32_t mates = 0;
  for (std::size_t m = 0; m < moving_[i].mates.size(); ++m) {
    mates |= (set >> moving_[i].mates[m] & 1) << m;
  }
  return mates;
}

const Grid& ChainBound::bar_of(std::size_t i, std::uint32_t set) {
  const std::uint32_t mates = mates_in(i, set);
  Grid& known = barred_[i][mates];
  if (known.empty()) known = bar(i, mates);
  return known;
}

/// The part of the form at hand where the box has room.
const Grid& ChainBound::toll_of(std::size_t i, std::uint32_t set) {
  const std::uint32_t mates = mates_in(i, set);
  tolls_[i].resize(std::size_t{1} << moving_[i].mates.size());
  Grid& toll = tolls_[i][mates];
  if (!toll.empty()) return toll;
  toll = costs_[i][0];
  const Grid& bar = bar_of(i, set);
  for (std::size_t s = 0; s < toll.size(); ++s) toll[s] += bar[s];
  return toll;
}

bool ChainBound::may_move(std::size_t i, std::uint32_t set) const {
  return (active_ & ~set & std::uint32_t{1} << i) != 0 && (moving_[i].outer & active_ & ~set) == 0;
}

/// By shape: the least left if the loop just outside moves another box last without letting it slide.
void ChainBound::event(std::uint32_t set, Grid& least) {
  least.assign(shapes_.size(), INFINITY);
  numbers_ += static_cast<std::int64_t>(least.size());
  for (std::size_t i = 0; i < moving_.size(); ++i) {
    if (!may_move(i, set)) continue;
    const Grid& next = best_[set | std::uint32_t{1} << i];
    const Grid& toll = toll_of(i, set);
    for (std::size_t s = 0; s < next.size(); ++s) least[s] = std::min(least[s], next[s] + toll[s]);
    numbers_ += static_cast<std::int64_t>(least.size());
  }
}

/// By cut: the same for a loop of a class, which may let boxes slide.
void ChainBound::event_of(std::uint32_t set, std::size_t kind, Grid& least) {
  const Shapes::Span& span = *spans_[kind - 1];
  least.assign(shapes_.cuts(span), INFINITY);
  numbers_ += static_cast<std::int64_t>(least.size());
  for (std::size_t i = 0; i < moving_.size(); ++i) {
    if (!may_move(i, set) || (moving_[i].ranks >> span.rank & 1) == 0) continue;
    const Grid& next = at_once_[kind - 1][set | std::uint32_t{1} << i];
    const Grid& bar = bar_of(i, set);
    const bool slides = moving_[i].slides(kind);
    const Grid& cost = costs_[i][slides ? kind : 0];
    shapes_.for_each_cut(span, [&](const Shapes::Span::Cut&, std::size_t at, std::size_t inside,
                                   std::size_t) {
      const double* const cost_first = cost.data() + (slides ? at : inside);
      for (std::size_t s = 0; s < span.stride; ++s) {
        least[at + s] = std::min(least[at + s], next[at + s] + cost_first[s] + bar[inside + s]);
      }
    });
    numbers_ += static_cast<std::int64_t>(least.size());
  }
}

/// From the innermost event outwards. A box slides only if a loop over a general axis, cut off
/// just outside, moves it last. Stores that cost nothing are left out: others then have more room.
double ChainBound::least_of(const Form& form, bool whole) {
  active_ = whole ? (std::uint32_t{1} << moving_.size()) - 1 : stores_of(form);
  find_costs(form, active_);
  best_[active_].assign(shapes_.size(), 0.0);
  for (std::size_t c = 0; c < sliding_.size(); ++c) {
    at_once_[c][active_].assign(shapes_.cuts(*spans_[c]), 0.0);
  }
  for (std::uint32_t set = active_; set-- > 0;) {
    Grid& here = best_[set];
    here.clear();
    if (!passes(set)) continue;
    const std::uint64_t turns = set == 0 ? ~std::uint64_t{0} : ~frozen(set);
    event(set, here);
    for (std::size_t c = 0; c < sliding_.size(); ++c) {
      Grid& once = at_once_[c][set];
      event_of(set, c + 1, once);
      if ((turns >> sliding_[c] & 1) == 0) continue;
      shapes_.for_each_cut(*spans_[c], [&](const Shapes::Span::Cut&, std::size_t at, std::size_t,
                                           std::size_t outside) {
        for (std::size_t s = 0; s < spans_[c]->stride; ++s) {
          here[outside + s] = std::min(here[outside + s], once[at + s]);
        }
      });
    }
    shapes_.raise(here, turns);
    for (std::size_t c = 0; c < sliding_.size(); ++c) {
      Grid& once = at_once_[c][set];
      shapes_.for_each_cut(*spans_[c], [&](const Shapes::Span::Cut&, std::size_t at,
                                           std::size_t inside, std::size_t) {
        for (std::size_t s = 0; s < spans_[c]->stride; ++s) {
          once[at + s] = std::min(once[at + s], here[inside + s]);
        }
      });
    }
  }
  return rest_of(form) + best_[0][shapes_.whole()];
}

}  // namespace tileloom::mapper::product
