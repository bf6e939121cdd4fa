#pragma once
// Draws points of a map space without bias. docs/mapping_search.md, section 2.

#include <map>
#include <vector>

#include "tileloom/mapper/mapspace.hpp"
#include "tileloom/support/random.hpp"

namespace tileloom::mapper {

/// Ways to write `n` as an ordered product of `slots` factors: ∏ over its primes p^e of
/// C(e + slots − 1, slots − 1).
double ordered_factorisations(std::int64_t n, std::size_t slots);

/// Uniform over the perfect-factor allocations of one placement: every way to spread the ranks'
/// factors over the open slots in which no axis is over-subscribed is equally likely. The fanouts
/// hold by construction: the number of completions of every prefix of choices is counted first,
/// and each choice is drawn with its share of them.
class PerfectSampler {
 public:
  explicit PerfectSampler(const MapSpace& space);

  /// A uniform placement, a uniform allocation under it and uniform loop orders.
  Point draw(Random& random) const;

 private:
  /// Factors of one rank along every axis.
  struct Spread {
    std::vector<std::int64_t> along;  ///< parallel to `axes_`
    std::int64_t rest = 1;            ///< left for the temporal slots
    double ways = 0;                  ///< ordered factorisations of `rest`
  };
  /// All allocations for one number of temporal slots.
  struct Table {
    std::vector<std::vector<Spread>> spreads;  ///< [rank]
    /// [rank][room left on every axis] → completions by this and the following ranks.
    std::vector<std::map<std::vector<std::int64_t>, double>> ways;
  };

  Table make_table(std::size_t temporal_slots) const;
  double count(Table& table, std::size_t rank, const std::vector<std::int64_t>& room) const;
  void allocate(const std::vector<std::size_t>& open, Point& point, Random& random) const;

  const MapSpace& space_;
  std::vector<std::vector<std::uint32_t>> placements_;
  std::vector<std::size_t> axes_;        ///< spatial slots
  std::vector<std::int64_t> room_;       ///< sizes of their axes
  std::map<std::size_t, Table> tables_;  ///< by number of temporal slots
};

/// Imperfect factors: every extent n is first rounded up to a number drawn uniformly from
/// [n, 2n − 1]; its divisors are spread over the axes (ranks and divisors in random order, as many
/// positions as are left) and the rest uniformly over the temporal slots.
Point draw_imperfect(const MapSpace& space,
                     const std::vector<std::vector<std::uint32_t>>& all_placements, Random& random);

}  // namespace tileloom::mapper
