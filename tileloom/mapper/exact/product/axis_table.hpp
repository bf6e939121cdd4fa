#pragma once
// What tiles and loops over one general axis bring in: remembered, for a search meets the same
// loops again and again.

#include <cstdint>
#include <span>
#include <unordered_map>
#include <vector>

#include "tileloom/cost/axis_sums.hpp"
#include "tileloom/mapper/exact/product/terrain.hpp"

namespace tileloom::mapper::product {

/// A loop over a rank of the axis, outermost first.
struct AxisLoop {
  std::size_t rank = 0;  ///< its place in GeneralAxis::ranks
  std::int64_t trips = 1;
  cost::LinkKind kind = cost::LinkKind::temporal;
};

/// Not shared between threads.
class AxisTable {
 public:
  AxisTable(const Terrain& terrain, const GeneralAxis& axis);

  struct Boxes {
    double total = 0;    ///< Σ lengths of the boxes of all chunks
    double largest = 0;  ///< the longest
  };
  /// Boxes of all combinations of chunks with these tiles, by rank of the axis.
  Boxes boxes(std::span<const std::int64_t> tiles);

  /// Σ over all chunks but the first of every run of `trips` chunks of rank `moving`, `step` apart,
  /// of what the box shares with that of the chunk before.
  double kept(std::span<const std::int64_t> tiles, std::size_t moving, std::int64_t step,
              std::int64_t trips);

  /// Distinct elements over all states, positions of grouped loops united.
  double united(std::span<const AxisLoop> loops);
  /// Of these what stays when the last temporal loop moves.
  double united_kept(std::span<const AxisLoop> loops);

  /// The least over all places that temporal loops may have among spatial ones.
  struct Arranged {
    double standing = 0;  ///< distinct elements over all states, positions of grouped loops united
    /// The same less what stays when the last temporal loop moves; infinite without temporal loops.
    double moving = 0;
    /// That less what may stay when it falls back.
    double returning = 0;
    /// The most that may stay then.
    double kept = 0;
  };
  /// More than anything is, where nothing is known of what may stay.
  static constexpr double kUnknown = 1e100;
  /// `spatial`: rank by rank, outermost first; `outside`: temporal trips above the child by rank.
  Arranged arranged(std::span<const AxisLoop> spatial, std::span<const std::int64_t> outside);

  /// Length of an uncut box.
  std::int64_t length(std::span<const std::int64_t> tiles) const;

 private:
  struct Hash {
    std::size_t operator()(const std::vector<std::int64_t>& key) const;
  };
  template <class Value>
  using Memo = std::unordered_map<std::vector<std::int64_t>, Value, Hash>;

  friend class Arrangements;
  cost::AxisChains chains_of(std::span<const AxisLoop> loops) const;
  double& remembered(std::span<const AxisLoop> loops, std::int64_t purpose, bool& known);

  const GeneralAxis& axis_;
  std::vector<std::int64_t> extents_;
  Memo<Boxes> boxes_;
  Memo<double> kept_;
  Memo<double> united_;
  Memo<Arranged> arranged_;
  std::vector<std::int64_t> key_;
};

}  // namespace tileloom::mapper::product
