#include <algorithm>
#include <cmath>

#include "tileloom/mapper/exact/product/axis_table.hpp"
#include "tileloom/support/factors.hpp"

namespace tileloom::mapper::product {

/// Tries all places of temporal loops among spatial ones.
class Arrangements {
 public:
  Arrangements(AxisTable& table, std::span<const AxisLoop> spatial,
               std::span<const std::int64_t> outside)
      : table_(table), outside_(outside), spatial_(outside.size()) {
    for (std::size_t r = 0; r < outside.size(); ++r) {
      tiles_.push_back(table.extents_[r] / outside[r]);
    }
    for (const AxisLoop& loop : spatial) {
      spatial_[loop.rank].push_back(loop);
      tiles_[loop.rank] /= loop.trips;
    }
  }

  /// About how many there are.
  double count() const {
    double count = 1;
    for (std::size_t r = 0; r < outside_.size(); ++r) {
      const auto places = static_cast<double>(spatial_[r].size());
      count *= std::pow(static_cast<double>(divisors(outside_[r]).size()), places);
    }
    return count;
  }

  AxisTable::Arranged least() {
    AxisTable::Arranged least{INFINITY, INFINITY, INFINITY, 0};
    place_ranks(0, SIZE_MAX, [&] {
      least.standing = std::min(least.standing, table_.united(loops_));
    });
    for (std::size_t r = 0; r < outside_.size(); ++r) {
      if (outside_[r] == 1) continue;
      place_ranks(0, r, [&] {
        const double moved = table_.united(loops_) - table_.united_kept(loops_);
        const double kept = kept_on_return(r);
        least.moving = std::min(least.moving, moved);
        least.returning = std::min(least.returning, moved - kept);
        least.kept = std::max(least.kept, kept);
      });
    }
    return least;
  }

 private:
  /// The loops of all ranks but `last` from the given one on, then those of `last`.
  template <class Visit>
  void place_ranks(std::size_t rank, std::size_t last, const Visit& visit) {
    if (rank == last) {
      place_ranks(rank + 1, last, visit);
    } else if (rank < outside_.size()) {
      place(rank, 0, outside_[rank], [&] { place_ranks(rank + 1, last, visit); });
    } else if (last == SIZE_MAX) {
      visit();
    } else {
      place_slider(last, 0, outside_[last], visit);
    }
  }

  /// Temporal trips above and below the rank's spatial loops from one on.
  template <class Visit>
  void place(std::size_t rank, std::size_t from, std::int64_t trips, const Visit& visit) {
    const std::size_t length = loops_.size();
    if (from == spatial_[rank].size()) {
      add(rank, trips);
      visit();
      loops_.resize(length);
      return;
    }
    for (const std::int64_t here : divisors(trips)) {
      add(rank, here);
      loops_.push_back(spatial_[rank][from]);
      place(rank, from + 1, trips / here, visit);
      loops_.resize(length);
    }
  }

  /// The same with a last temporal loop inside the others.
  template <class Visit>
  void place_slider(std::size_t rank, std::size_t from, std::int64_t trips, const Visit& visit) {
    const std::vector<AxisLoop>& spatial = spatial_[rank];
    const std::size_t length = loops_.size();
    for (const std::int64_t here : divisors(trips)) {
      if (here == trips) continue;
      add(rank, here);
      const std::size_t before = loops_.size();
      last_ = trips / here;
      step_ = tiles_[rank];
      for (std::size_t s = from; s < spatial.size(); ++s) step_ *= spatial[s].trips;
      add(rank, last_);
      loops_.insert(loops_.end(), spatial.begin() + static_cast<std::ptrdiff_t>(from),
                    spatial.end());
      visit();
      loops_.resize(before);
      if (from < spatial.size()) {
        loops_.push_back(spatial[from]);
        place_slider(rank, from + 1, trips / here, visit);
      }
      loops_.resize(length);
    }
  }

  void add(std::size_t rank, std::int64_t trips) {
    if (trips > 1) loops_.push_back({rank, trips, cost::LinkKind::temporal});
  }

  /// (S3): what may stay when the last temporal loop, over rank r, falls back.
  double kept_on_return(std::size_t r) const {
    std::int64_t range = 0;  // of what other loops move
    double runs = 1 / static_cast<double>(last_);
    for (std::size_t k = 0; k < outside_.size(); ++k) {
      const std::int64_t coefficient = table_.axis_.coefficients[k];
      if (k != r && outside_[k] > 1) range += coefficient * (table_.extents_[k] - tiles_[k]);
      runs *= static_cast<double>(table_.extents_[k] / tiles_[k]);
    }
    const std::int64_t shift = table_.axis_.coefficients[r] * step_;
    const std::int64_t back = shift * (outside_[r] > last_ ? 1 : last_ - 1);
    const std::int64_t far = std::max<std::int64_t>(0, back - range);
    const std::int64_t shared = std::max<std::int64_t>(0, table_.length(tiles_) - far);
    return static_cast<double>(shared) * runs;
  }

  AxisTable& table_;
  std::span<const std::int64_t> outside_;
  std::vector<std::vector<AxisLoop>> spatial_;  ///< by rank
  std::vector<std::int64_t> tiles_;             ///< of the child, by rank
  std::vector<AxisLoop> loops_;
  std::int64_t last_ = 1;  ///< trips of the last temporal loop
  std::int64_t step_ = 1;  ///< its tile
};

namespace {

/// More arrangements than these are not worth their time: nothing is known then but what is used.
constexpr double kMostArrangements = 300;

}  // namespace

AxisTable::Arranged AxisTable::arranged(std::span<const AxisLoop> spatial,
                                        std::span<const std::int64_t> outside) {
  std::vector<std::int64_t> key(outside.begin(), outside.end());
  for (const AxisLoop& loop : spatial) {
    key.push_back(static_cast<std::int64_t>(loop.rank) * 4 + static_cast<std::int64_t>(loop.kind));
    key.push_back(loop.trips);
  }
  const auto found = arranged_.find(key);
  if (found != arranged_.end()) return found->second;
  Arrangements all(*this, spatial, outside);
  Arranged least{axis_.used, 0, 0, kUnknown};
  if (all.count() <= kMostArrangements) least = all.least();
  arranged_.emplace(std::move(key), least);
  return least;
}

}  // namespace tileloom::mapper::product
