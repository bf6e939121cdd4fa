#pragma once
// Every point of a level-structured space, for the tests of searches.

#include <algorithm>
#include <functional>
#include <vector>

#include "tileloom/mapper/exact/factors.hpp"
#include "tileloom/mapper/mapspace.hpp"
#include "tileloom/support/checked.hpp"

namespace tileloom::mapper {

/// Which loops are tried in all orders.
enum class Orders : std::uint8_t { temporal, all };

/// Visits every point of the space: all placements, all factors, all orders.
class LevelBruteForce {
 public:
  LevelBruteForce(const MapSpace& space, Factors factors, std::int64_t limit,
                  Orders orders = Orders::temporal)
      : space_(space), factors_(factors), limit_(limit), orders_(orders) {}

  /// False if the space has more than `limit` points.
  bool run(const std::function<void(const Point&)>& visit) {
    visit_ = &visit;
    for (const std::vector<std::uint32_t>& keeps : placements(space_)) {
      point_ = blank_point(space_);
      point_.keeps = keeps;
      open_ = open_slots(space_, keeps);
      factors(0, 0, space_.ranks() > 0 ? space_.op->ranks[0].extent : 1);
    }
    return seen_ <= limit_;
  }

 private:
  void factors(std::size_t rank, std::size_t slot, std::int64_t rest) {
    if (seen_ > limit_) return;
    if (rank == space_.ranks()) {
      orders(0);
      return;
    }
    std::int64_t& here = point_.factor(open_[slot], rank, space_.ranks());
    const bool last = slot + 1 == open_.size();
    for (std::int64_t factor = 1; factor <= rest; ++factor) {
      if (factors_ == Factors::perfect && rest % factor != 0) continue;
      if (last && factor != rest) continue;
      here = factor;
      if (!last) {
        factors(rank, slot + 1, ceil_div(rest, factor));
      } else {
        factors(rank + 1, 0, rank + 1 < space_.ranks() ? space_.op->ranks[rank + 1].extent : 1);
      }
    }
    here = 1;
  }

  void orders(std::size_t slot) {
    if (slot == open_.size()) {
      if (++seen_ <= limit_) (*visit_)(point_);
      return;
    }
    const std::size_t ranks = space_.ranks();
    std::vector<std::uint16_t> moving, order;
    for (std::uint16_t r = 0; r < ranks; ++r) {
      (point_.factor(open_[slot], r, ranks) > 1 ? moving : order).push_back(r);
    }
    do {
      std::vector<std::uint16_t> all = order;
      all.insert(all.end(), moving.begin(), moving.end());
      std::copy(all.begin(), all.end(),
                point_.order.begin() + static_cast<std::ptrdiff_t>(open_[slot] * ranks));
      orders(slot + 1);
    } while ((orders_ == Orders::all || !space_.slots[open_[slot]].axis) &&
             std::next_permutation(moving.begin(), moving.end()));
  }

  const MapSpace& space_;
  Factors factors_;
  std::int64_t limit_;
  Orders orders_;
  std::int64_t seen_ = 0;
  const std::function<void(const Point&)>* visit_ = nullptr;
  Point point_;
  std::vector<std::size_t> open_;
};

}  // namespace tileloom::mapper
