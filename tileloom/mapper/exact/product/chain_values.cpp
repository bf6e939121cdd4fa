#include "tileloom/mapper/exact/product/chain_values.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>

#include "tileloom/mapper/exact/product/group_counts.hpp"
#include "tileloom/support/factors.hpp"

namespace tileloom::mapper::product {
namespace {

using Within = GroupCounts::Within;

/// Shares of windows that are worth the memory.
constexpr std::size_t kMostShares = 100'000;

/// Works out the numbers of one boundary.
class Values {
 public:
  Values(const ChainProblem& problem, const Shapes& shapes, Moving& moving, SlidingMemo& memo)
      : problem_(problem),
        shapes_(shapes),
        memo_(memo),
        moving_(moving),
        boundary_(problem.placement.boundaries[moving.boundary]),
        operand_(problem.terrain.operands[boundary_.operand]),
        counts_(problem, boundary_) {}

  Grid elements() const {
    return product(Relevance::none, /*is=*/false,
                   [&](std::size_t g, Within within) { return counts_.box(g, within); });
  }
  double smallest() const {
    double elements = 1;
    for (std::size_t g = 0; g < problem_.choices.size(); ++g) {
      const std::vector<std::int64_t> within(counts_.ranks_of(g).size(), 1);
      elements *= counts_.box(g, within);
    }
    return elements;
  }
  Grid visits() const {
    return product(Relevance::none, /*is=*/true, [&](std::size_t g, Within within) {
      return counts_.outside(g, within, Relevance::none);
    });
  }

  /// True if two of the boundary's quantities are the same whatever the loops.
  bool same(std::size_t a, std::size_t b) const {
    return !counts_.shares() && problem_.least[a] == problem_.least[b];
  }

  /// By shape: the least if no loop lets the box slide, or one over any of these ranks may.
  Grid values(std::size_t q, std::span<const std::size_t> sliders) const {
    const double once = problem_.least[q];
    const Grid& visits = moving_.visits();
    Grid values(shapes_.size());
    if (operand_.axes.empty()) {
      for (std::size_t s = 0; s < values.size(); ++s) values[s] = once * visits[s];
      return values;
    }
    const bool each = problem_.layout.quantities[q].each && counts_.shares();
    const Grid& still = standing(each);
    for (std::size_t s = 0; s < values.size(); ++s) {
      values[s] = over_visits(still[s], {}, visits[s], once);
    }
    for (const std::size_t slider : sliders) {
      const Slide slide = slides(each, slider, GroupCounts::kAnyTrips);
      const Grid& trips = least_trips();
      slide.for_each_state(0, values.size(), [&](std::size_t state, std::size_t s) {
        values[s] = std::min(values[s], slide.brought(state, still[s], runs(s, trips[s]), once));
      });
    }
    return values;
  }

  /// By cut: the least if a loop over the span's rank moves the box last.
  Grid values(std::size_t q, const Shapes::Span& span) const {
    const double once = problem_.least[q];
    const bool each = problem_.layout.quantities[q].each && counts_.shares();
    const Grid& still = standing(each);
    Grid values(shapes_.cuts(span));
    for (const std::int64_t trips : span.divisors) {
      if (trips == 1) continue;
      const Slide slide = slides(each, span.rank, trips);
      const auto of_last = static_cast<double>(trips);
      shapes_.for_each_cut(span, [&](const Shapes::Span::Cut& cut, std::size_t at,
                                     std::size_t inside, std::size_t) {
        if (cut.trips != trips) return;
        slide.for_each_state(inside, span.stride, [&](std::size_t state, std::size_t s) {
          values[at + s - inside] = slide.brought(state, still[s], runs(s, of_last), once);
        });
      });
    }
    return values;
  }

 private:
  /// Of the loop that moves the box last.
  struct Runs {
    double of_visit = 1;  ///< one over the number of visits
    double returns = 0;   ///< which part begins with loops that may leave something to keep
  };

  struct Slide {
    Shapes::States states;
    const Sliding& of;

    /// By all visits at least, as over_visits: as many returns as can be are those of further visits.
    /// It is the greater of two expressions, one of which falls with what enters if always as much
    /// stays; so each has its own least.
    double brought(std::size_t state, double still, const Runs& runs, double once) const {
      const double boxes = still * of.share[state];
      const double kept = still * of.kept[state];
      const double further = std::min(runs.returns, 1 - runs.of_visit);
      const double within = runs.returns - further;
      const double first_large =
          (1 - runs.returns) * boxes + runs.returns * still * of.returned[state];
      const double first_small =
          once + (1 - runs.of_visit) * (boxes - within * kept) - further * kept;
      return std::max({once, first_large, first_small});
    }
    /// Calls `visit(state, shape)` for shapes in a row.
    template <class Visit>
    void for_each_state(std::size_t first, std::size_t count, const Visit& visit) const {
      for (std::size_t s = first; s < first + count; s += states.stride) {
        const std::size_t state = states.of(s);
        for (std::size_t i = 0; i < states.stride; ++i) visit(state, s + i);
      }
    }
  };

  /// Of the groups with ranks whose relevance is that, or is not.
  Grid product(Relevance relevance, bool is, const Shapes::OfGroup& factor) const {
    const auto counts = [&](std::size_t g) {
      return std::ranges::any_of(counts_.ranks_of(g), [&](std::size_t rank) {
        return (operand_.relevance[rank] == relevance) == is;
      });
    };
    return shapes_.product(counts, factor);
  }

  /// (S1): what all visits bring in, if the box never slides.
  const Grid& standing(bool each) const {
    Grid& boxes = standing_[each ? 1 : 0];
    if (!boxes.empty()) return boxes;
    boxes = product(Relevance::general, /*is=*/true, [&](std::size_t g, Within within) {
      return counts_.standing(g, within, each);
    });
    const Grid& visits = moving_.visits();
    for (std::size_t s = 0; s < boxes.size(); ++s) boxes[s] *= visits[s];
    return boxes;
  }

  /// (S2), (S3): if a loop of so many trips over the rank moves it last. Holds until the next call.
  Slide slides(bool each, std::size_t slider, std::int64_t trips) const {
    const std::size_t g = problem_.terrain.group_of[slider];
    std::vector<std::int64_t> key = problem_.choices[g]->factors;
    for (const std::uint64_t number : {std::uint64_t{boundary_.operand}, boundary_.own,
                                       boundary_.shared, std::uint64_t{each}, std::uint64_t{slider}}) {
      key.push_back(static_cast<std::int64_t>(number));
    }
    key.push_back(trips);
    if (memo_.size() > kMostShares) memo_.clear();
    const auto [entry, fresh] = memo_.try_emplace(std::move(key));
    Sliding& shares = entry->second;
    if (fresh) {
      shapes_.for_each_state(g, [&](Within within) {
        const double all = counts_.standing(g, within, each);
        const GroupCounts::Slid slid = counts_.slid(g, within, each, slider, trips);
        const double share = all == 0 ? 0 : 1 / all;
        shares.share.push_back(slid.moved * share);
        shares.returned.push_back(slid.returned * share);
        shares.kept.push_back(slid.kept * share);
      });
    }
    return {shapes_.states(g), entry->second};
  }

  /// What begins with loops that may leave something to keep is not the run with the one over all
  /// loops but those over simple axes (S3).
  Runs runs(std::size_t s, double trips_of_last) const {
    if (of_outside_.empty()) {
      const Grid& visits = moving_.visits();
      for (const double some : visits) of_visits_.push_back(1 / some);
      of_outside_ = product(Relevance::general, /*is=*/true, [&](std::size_t g, Within within) {
        return 1 / counts_.outside(g, within, Relevance::general);
      });
      for (std::size_t n = 0; n < of_outside_.size(); ++n) of_outside_[n] *= of_visits_[n];
    }
    const double returns = std::max(0.0, 1 - trips_of_last * of_outside_[s]);
    return {of_visits_[s], returns};
  }

  /// By shape: the fewest that a loop outside over a rank of a general axis may have.
  const Grid& least_trips() const {
    if (!least_trips_.empty()) return least_trips_;
    least_trips_.assign(shapes_.size(), INFINITY);
    for (const Shapes::Span& span : shapes_.spans()) {
      if (operand_.relevance[span.rank] != Relevance::general) continue;
      std::vector<double> least;
      for (const std::int64_t inside : span.divisors) {
        const std::vector<std::int64_t> primes = prime_factors(span.divisors.back() / inside);
        least.push_back(primes.empty() ? INFINITY : static_cast<double>(primes.front()));
      }
      for (std::size_t s = 0; s < least_trips_.size(); ++s) {
        least_trips_[s] = std::min(least_trips_[s], least[span.digit(s)]);
      }
    }
    return least_trips_;
  }

  const ChainProblem& problem_;
  const Shapes& shapes_;
  SlidingMemo& memo_;
  Moving& moving_;
  const Boundary& boundary_;
  const OperandFacts& operand_;
  GroupCounts counts_;
  /// By shape: one over the trips of the loops outside that the tensor lacks; of all but those over
  /// simple axes.
  mutable Grid of_visits_, of_outside_;
  mutable Grid least_trips_;
  mutable std::array<Grid, 2> standing_;  ///< by whether positions count each for itself
};

Moving describe(const ChainProblem& problem, std::size_t k) {
  const Boundary& boundary = problem.placement.boundaries[k];
  const OperandFacts& operand = problem.terrain.operands[boundary.operand];
  Moving moving;
  moving.boundary = k;
  for (std::size_t rank = 0; rank < operand.relevance.size(); ++rank) {
    if (operand.relevance[rank] != Relevance::none) moving.ranks |= std::uint64_t{1} << rank;
  }
  const std::size_t first = problem.placement.first.rbegin()[1];
  if (operand.role == Role::output) moving.nth = k - first;
  moving.narrow = operand.least_width(false);
  moving.wide = operand.least_width(true);
  moving.room = problem.terrain.memories[index(*boundary.child)].capacity;
  for (std::size_t q = 0; q < problem.layout.quantities.size(); ++q) {
    if (problem.layout.quantities[q].boundary == k) moving.quantities.push_back(q);
  }
  return moving;
}

/// Which Stores stand further out, and which share a memory.
void relate(const ChainProblem& problem, std::vector<Moving>& all) {
  const auto boundary = [&](std::size_t i) -> const Boundary& {
    return problem.placement.boundaries[all[i].boundary];
  };
  const auto segment = [&](std::size_t i) {
    return problem.terrain.memories[index(*boundary(i).child)].segment;
  };
  for (std::size_t i = 0; i < all.size(); ++i) {
    for (std::size_t j = 0; j < all.size(); ++j) {
      if (i == j) continue;
      const bool chain = boundary(i).operand == boundary(j).operand && j < i;
      if (chain) all[i].outer |= std::uint32_t{1} << j;
      if (chain || segment(j) < segment(i)) all[i].before |= std::uint32_t{1} << j;
      if (*boundary(i).child == *boundary(j).child) all[i].mates.push_back(j);
    }
  }
}

}  // namespace

std::vector<std::size_t> sliding_ranks(const ChainProblem& problem, const Shapes& shapes) {
  std::vector<std::size_t> ranks;
  for (const Shapes::Span& span : shapes.spans()) {
    const bool slides = std::ranges::any_of(problem.terrain.operands, [&](const auto& operand) {
      return operand.relevance[span.rank] == Relevance::general;
    });
    if (slides) ranks.push_back(span.rank);
  }
  return ranks;
}

std::vector<Moving> moving_stores(const ChainProblem& problem, const Shapes& shapes, Detail detail,
                                  SlidingMemo& memo) {
  std::vector<Moving> all;
  for (std::size_t k = 0; k < problem.placement.boundaries.size(); ++k) {
    if (!problem.placement.boundaries[k].child || all.size() == kMostMoving) continue;
    all.push_back(describe(problem, k));
  }
  for (Moving& moving : all) {
    const Boundary& boundary = problem.placement.boundaries[moving.boundary];
    const OperandFacts& operand = problem.terrain.operands[boundary.operand];
    const std::vector<std::size_t> sliding = sliding_ranks(problem, shapes);
    moving.sliding.assign(1, false);
    std::vector<std::size_t> sliders;  // of any kind
    for (const std::size_t rank : sliding) {
      const bool slides = operand.relevance[rank] == Relevance::general;
      if (detail == Detail::fine) {
        moving.sliding.push_back(slides);
      } else if (slides) {
        sliders.push_back(rank);
      }
    }
    const auto values = std::make_shared<Values>(problem, shapes, moving, memo);
    moving.smallest = values->smallest();
    moving.make.elements = [values] { return values->elements(); };
    moving.make.visits = [values] { return values->visits(); };
    moving.make.values = [&moving, &shapes, values, sliders, sliding](std::size_t kind,
                                                                      std::size_t n) {
      const std::size_t q = moving.quantities[n];
      for (std::size_t other = 0; other < n; ++other) {
        if (values->same(q, moving.quantities[other])) return moving.values(kind, other);
      }
      return kind == 0 ? values->values(q, sliders)
                       : values->values(q, *shapes.span_of(sliding[kind - 1]));
    };
  }
  relate(problem, all);
  return all;
}

}  // namespace tileloom::mapper::product
