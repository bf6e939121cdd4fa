#pragma once
// All tile shapes of a complete spatial choice: which temporal trips of every rank lie inside some
// place of a path. One number for each shape stands in an array ("grid").

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "tileloom/mapper/exact/product/placement.hpp"

namespace tileloom::mapper::product {

/// One number for each shape.
using Grid = std::vector<double>;

class Shapes {
 public:
  /// `choices`: by group. Ranks without temporal trips take no part.
  Shapes(const Terrain& terrain, std::span<const SpatialChoice* const> choices);

  /// Π over ranks of the number of divisors of their temporal trips.
  static double count(std::span<const SpatialChoice* const> choices);

  std::size_t size() const { return size_; }
  /// The shape with one trip of every rank.
  static constexpr std::size_t kSmallest = 0;

  /// By the temporal trips inside, for the ranks of one group.
  using OfGroup = std::function<double(std::size_t group, std::span<const std::int64_t> inside)>;
  /// The trips inside of one group's ranks: shapes s with equal (s / stride) % size are in the same
  /// state.
  struct States {
    std::size_t stride = 1;
    std::size_t size = 1;

    std::size_t of(std::size_t shape) const { return shape / stride % size; }
  };
  States states(std::size_t group) const;
  /// In their order.
  void for_each_state(
      std::size_t group,
      const std::function<void(std::span<const std::int64_t> inside)>& visit) const;
  /// The product over groups of what their trips make, of those that count.
  Grid product(const std::function<bool(std::size_t group)>& counts, const OfGroup& factor) const;

  /// Every number becomes the least of all shapes that loops over the `ranks` cut this one into.
  /// `ranks`: bit r: Terrain::extents[r].
  void raise(Grid& grid, std::uint64_t ranks) const;
  /// A rank with temporal trips: a shape's place in a grid is the sum over all spans of the place of
  /// its trips among the divisors times the stride.
  struct Span {
    std::size_t rank = 0;
    std::size_t group = 0;
    std::size_t place = 0;               ///< among the group's ranks
    std::vector<std::int64_t> divisors;  ///< of its trips, ascending
    std::size_t stride = 1;
    /// Divisors that differ by a prime: places of the lesser and the greater, in an order in which,
    /// read backwards, least values travel all the way up.
    std::vector<std::pair<std::size_t, std::size_t>> steps;
    /// Loops over the rank: places of the trips inside and of those with the loop's own.
    struct Cut {
      std::size_t inside = 0;
      std::size_t outside = 0;
      std::int64_t trips = 1;
    };
    std::vector<Cut> cuts;  ///< by the trips inside, then by the loop's own

    std::size_t digit(std::size_t shape) const { return shape / stride % divisors.size(); }
  };
  const std::vector<Span>& spans() const { return spans_; }
  /// Null if the rank has no temporal trips.
  const Span* span_of(std::size_t rank) const;
  /// The shape with all trips of every rank.
  std::size_t whole() const { return size_ - 1; }

  /// A loop over a rank and the shape inside it: there are so many, and each has a number in a grid
  /// of its own.
  std::size_t cuts(const Span& span) const {
    return size_ / span.divisors.size() * span.cuts.size();
  }
  std::size_t cut(const Span& span, std::size_t shape, std::int64_t trips) const;
  /// Calls `visit(cut, at, inside, outside)` for all runs of as many cuts as the span's stride: what
  /// the loop is, and where cuts, shapes inside and shapes outside begin.
  template <class Visit>
  void for_each_cut(const Span& span, const Visit& visit) const {
    const std::size_t shapes = span.stride * span.divisors.size();
    std::size_t at = 0;
    for (std::size_t begin = 0; begin < size_; begin += shapes) {
      for (const Span::Cut& cut : span.cuts) {
        visit(cut, at, begin + cut.inside * span.stride, begin + cut.outside * span.stride);
        at += span.stride;
      }
    }
  }

 private:
  const Terrain& terrain_;
  std::vector<Span> spans_;
  std::size_t size_ = 1;
};

}  // namespace tileloom::mapper::product
