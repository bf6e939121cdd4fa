#pragma once
// What a walk along a path knows of the counts at a boundary: as (R12), but with the loops outside.
// docs/exact_mapper.md (R13)

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "tileloom/mapper/exact/product/chain_values.hpp"
#include "tileloom/mapper/exact/product/skeleton.hpp"

namespace tileloom::mapper::product {

/// An order of the Stores with what the spatial choice makes of its blocks.
struct WalkOrder {
  const Skeleton* skeleton = nullptr;
  const Layout* layout = nullptr;
  std::uint32_t empty = 0;    ///< see empty_blocks
  std::uint32_t crossed = 0;  ///< see crossed_blocks
};

/// A temporal loop of a walk. Of those of one block that move no box last neighbours may stand in
/// any order.
struct Turn {
  std::size_t rank = 0;
  std::int64_t trips = 1;
  std::size_t block = 0;
  bool last = false;  ///< it moves some box last
};

/// Not shared between threads.
class WalkValues {
 public:
  WalkValues(const ChainProblem& problem, const Shapes& shapes);

  /// Walks follow this order of the Stores from now on.
  void follow(const WalkOrder& order);

  /// The least of a Moving's n-th quantity if the last of the loops so far moves its box last (or
  /// nothing does, if there are none). `shape`: inside.
  double brought(const Moving& moving, std::size_t n, std::span<const Turn> turns,
                 std::size_t shape);

  /// What lanes use of an operand whose windows they share: known once all spatial loops over its
  /// windows stand outside.
  struct OfLanes {
    std::size_t boundary = 0;
    std::size_t quantity = 0;
    std::size_t block = 0;  ///< the last such loops end this block
  };
  const std::vector<OfLanes>& of_lanes() const { return of_lanes_; }
  double used(const OfLanes& lanes, std::span<const Turn> turns, std::size_t shape);

 private:
  const std::vector<std::size_t>& axes_of(std::size_t boundary) const;
  bool grouped(const Boundary& boundary, std::size_t a) const;
  std::int64_t positions(std::size_t rank, std::size_t x) const;
  std::int64_t below(const Boundary& boundary, std::size_t rank) const;
  std::int64_t step(const Boundary& boundary, std::span<const Turn> turns, std::size_t t,
                    std::size_t shape) const;
  std::int64_t inside(std::size_t rank, std::size_t shape) const;
  std::span<const std::int64_t> tiles(const Boundary& boundary, std::size_t a, std::size_t shape);
  std::span<const AxisLoop> loops(const Boundary& boundary, std::size_t a,
                                  std::span<const Turn> turns, std::size_t last_block,
                                  std::optional<std::size_t> slides);
  double total(const Boundary& boundary, std::size_t a, bool each, std::span<const Turn> turns,
               std::size_t last_block, std::size_t shape);
  double kept(const Boundary& boundary, std::size_t a, bool each, std::span<const Turn> turns,
              std::size_t last_block, std::size_t shape);
  double slid(const Moving& moving, double boxes, std::span<const Turn> turns, std::size_t shape,
              double once);
  void find_returns(const OperandFacts& operand, std::span<const Turn> turns);

  const ChainProblem& problem_;
  const Shapes& shapes_;
  const WalkOrder* order_ = nullptr;
  std::vector<std::size_t> span_of_;  ///< by rank: in Shapes::spans; SIZE_MAX: no temporal trips
  std::vector<OfLanes> of_lanes_;
  std::vector<std::int64_t> tiles_;
  std::vector<AxisLoop> loops_;
  std::vector<Turn> rest_;
  /// Loops that move when the last one falls back, from it outwards: in each part they may stand in
  /// any order.
  std::vector<std::vector<std::size_t>> returns_;
};

}  // namespace tileloom::mapper::product
