#pragma once
// What every tile shape makes of the counts at a boundary and of the box below it.
// docs/exact_mapper.md (R12)

#include <algorithm>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <vector>

#include "tileloom/mapper/exact/product/axis_table.hpp"
#include "tileloom/mapper/exact/product/ledger.hpp"
#include "tileloom/mapper/exact/product/shapes.hpp"

namespace tileloom::mapper::product {

/// A boundary with a child, by the shape inside the innermost loop that moves the child's box. The
/// trips of the tensor's own ranks are then those inside the child itself.
struct Moving {
  std::size_t boundary = 0;
  std::uint64_t ranks = 0;         ///< bit r: rank r moves the box
  std::uint32_t before = 0;        ///< bit i: the Store of the i-th Moving stands further out
  std::uint32_t outer = 0;         ///< those of the same tensor: their boxes move no further in
  std::vector<std::size_t> mates;  ///< others with Stores in the same memory
  std::optional<std::size_t> nth;  ///< of the output: how many of its boundaries lie further out
  double narrow = 0;               ///< bits of an element in the Store at least
  double wide = 0;                 ///< of a partial sum
  double room = 0;                 ///< bits of the memory
  double smallest = 0;             ///< elements of the box at the smallest shape
  std::vector<std::size_t> quantities;
  std::vector<bool> sliding;  ///< by class, see values
  /// What the numbers by shape are made by, when they are first asked for.
  struct Makers {
    std::function<Grid()> elements, visits;
    std::function<Grid(std::size_t kind, std::size_t n)> values;
  } make;

  /// Elements of the box.
  const Grid& elements() const {
    if (elements_.empty()) elements_ = make.elements();
    return elements_;
  }
  /// Trips of ranks that the tensor lacks outside.
  const Grid& visits() const {
    if (visits_.empty()) visits_ = make.visits();
    return visits_;
  }
  /// The least of the n-th quantity by class of the loop that moves the box last: 0: any that does
  /// not let it slide (coarse: any); then by sliding rank. Where it slides() by cut (Shapes::cuts).
  const Grid& values(std::size_t kind, std::size_t n) const {
    values_.resize(sliding.size() * quantities.size());
    Grid& values = values_[(slides(kind) ? kind : 0) * quantities.size() + n];
    if (values.empty()) values = make.values(slides(kind) ? kind : 0, n);
    return values;
  }
  bool slides(std::size_t kind) const { return sliding[kind]; }

 private:
  mutable Grid elements_, visits_;
  mutable std::vector<Grid> values_;
};

/// What may stay in a box when the loop that moves it last falls back, over the run.
struct KeptOnReturn {
  double further = 0;  ///< when loops fall over ranks that the tensor lacks: never in the first visit
  double within = 0;   ///< when others do
};

/// What all visits bring in at least: `boxes` less what stays on returns, but the first visit no less
/// than the used elements (`once`). docs/exact_mapper.md (S3)
inline double over_visits(double boxes, const KeptOnReturn& kept, double visits, double once) {
  const double visit = (boxes - kept.within) / visits;
  return std::max(once, std::max(once, visit) + (visits - 1) * visit - kept.further);
}

/// What a spatial choice is about. Everything outlives what is made of it.
struct ChainProblem {
  const Terrain& terrain;
  const Placement& placement;
  const Layout& layout;
  const Ledger& ledger;
  std::span<const SpatialChoice* const> choices;  ///< by group
  std::span<const double> least;                  ///< by quantity of the ledger
  /// As for the ledger: partial sums cross this boundary of the output, and maybe others further out.
  std::size_t unfinished = 0;
  std::vector<AxisTable>& tables;                 ///< by Terrain::axes
};

/// What slides, by the trips inside of the ranks of one group (Shapes::States), as shares of what
/// enters if a box never slides: of all ways to slide the least that enters if nothing stays when the
/// sliding loop falls back, the least if always as much stays as ever may, and the most that may.
struct Sliding {
  std::vector<double> share, returned, kept;
};

/// By everything that it depends on. Not shared between problems.
using SlidingMemo = std::map<std::vector<std::int64_t>, Sliding>;

/// Stores that take part: the recursion looks at all sets of them.
inline constexpr std::size_t kMostMoving = 8;

/// Whether it is known over which rank the loop goes that moves a box last.
enum class Detail : std::uint8_t {
  coarse,  ///< no: classes are one
  fine
};

/// Ranks with temporal trips that are on a general axis.
std::vector<std::size_t> sliding_ranks(const ChainProblem& problem, const Shapes& shapes);

/// The first kMostMoving boundaries with a child. The arguments outlive it.
std::vector<Moving> moving_stores(const ChainProblem& problem, const Shapes& shapes, Detail detail,
                                  SlidingMemo& memo);

}  // namespace tileloom::mapper::product
