#include "tileloom/mapper/cosa/ties.hpp"

#include <algorithm>
#include <cmath>
#include <queue>
#include <set>
#include <tuple>

#include "tileloom/mapper/cosa/decode.hpp"

namespace tileloom::mapper::cosa {
namespace {

constexpr double kTolerance = 1e-6;
/// Orders are tried for so many of the cheapest ties.
constexpr std::size_t kOrdered = 8;
/// All orders of a slot are tried if no more loops than this stand there.
constexpr std::size_t kPermuted = 4;

struct Member {
  Allocation allocation;
  Point point;
  std::optional<cost::Score> score;
  std::int64_t number = 0;  ///< in the order of discovery
};

/// The walk over the plateau.
class Plateau {
 public:
  Plateau(const MapSpace& space, const Shape& shape, const Terms& terms,
          const Allocation& solution, const cost::Objective& objective, const TieOptions& options)
      : space_(space),
        shape_(shape),
        terms_(terms),
        options_(options),
        scorer_(space, objective),
        limit_(proxy_value(shape, terms.equations, solution) * (1 + options.slack) + kTolerance) {
    add(solution);
  }

  TieResult run() {
    while (options_.ties && !open_.empty() && used_ < options_.most / 2) expand(take());
    TieResult result;
    std::vector<const Member*> ranked;
    for (const Member& member : members_) {
      if (member.score) ranked.push_back(&member);
    }
    std::ranges::sort(ranked, [](const Member* a, const Member* b) {
      return std::tie(*a->score, a->number) < std::tie(*b->score, b->number);
    });
    for (std::size_t i = 0; i < std::min(ranked.size(), kOrdered); ++i) {
      Chosen found{ranked[i]->point, *ranked[i]->score};
      if (options_.ties) improve_orders(ranked[i]->allocation, found);
      if (!result.best || found.score < result.best->score) result.best = std::move(found);
    }
    result.evaluations = used_;
    return result;
  }

 private:
  bool within_rows(const Allocation& allocation) const {
    for (std::size_t x = 0; x < shape_.places.size(); ++x) {
      if (!shape_.places[x].spatial) continue;
      double used = 0;
      for (std::size_t q = 0; q < shape_.powers.size(); ++q) {
        used += shape_.powers[q].log *
                static_cast<double>(allocation.copies[q * shape_.places.size() + x]);
      }
      if (used > shape_.places[x].room + kTolerance) return false;
    }
    for (std::size_t b = 0; b < shape_.buffers.size(); ++b) {
      const Buffer& buffer = shape_.buffers[b];
      if (used_log(shape_, terms_.equations, allocation, buffer) >
          buffer.room - terms_.tightened[b] + kTolerance) {
        return false;
      }
    }
    return true;
  }

  /// Members without a score come last, equal ones in the order of discovery.
  auto later() const {
    return [this](std::size_t a, std::size_t b) {
      const Member& left = members_[a];
      const Member& right = members_[b];
      if (left.score.has_value() != right.score.has_value()) return right.score.has_value();
      if (left.score && *left.score != *right.score) return *right.score < *left.score;
      return a > b;
    };
  }
  void add(const Allocation& allocation) {
    if (!seen_.insert(allocation.copies).second) return;
    Member member{allocation, decode(space_, shape_, allocation), std::nullopt,
                  static_cast<std::int64_t>(members_.size())};
    member.score = measure(member.point);
    open_.push_back(members_.size());
    members_.push_back(std::move(member));
    std::ranges::push_heap(open_, later());
  }

  std::optional<cost::Score> measure(const Point& point) {
    ++used_;
    if (!legal(space_, point)) return std::nullopt;
    return scorer_(point);
  }

  std::size_t take() {
    std::ranges::pop_heap(open_, later());
    const std::size_t next = open_.back();
    open_.pop_back();
    return next;
  }

  void expand(std::size_t member) {
    Allocation allocation = members_[member].allocation;
    const std::size_t places = shape_.places.size();
    for (std::size_t q = 0; q < shape_.powers.size(); ++q) {
      for (std::size_t x = 0; x < places; ++x) {
        if (allocation.copies[q * places + x] == 0) continue;
        for (std::size_t y = 0; y < places; ++y) {
          if (x != y) move(allocation, q, x, y);
        }
      }
    }
  }

  /// One copy of q from x to y; alone, or against one copy of another power from y to x.
  void move(Allocation& allocation, std::size_t q, std::size_t x, std::size_t y) {
    const std::size_t places = shape_.places.size();
    --allocation.copies[q * places + x];
    ++allocation.copies[q * places + y];
    offer(allocation);
    for (std::size_t other = q + 1; other < shape_.powers.size(); ++other) {
      if (allocation.copies[other * places + y] == 0) continue;
      --allocation.copies[other * places + y];
      ++allocation.copies[other * places + x];
      offer(allocation);
      ++allocation.copies[other * places + y];
      --allocation.copies[other * places + x];
    }
    ++allocation.copies[q * places + x];
    --allocation.copies[q * places + y];
  }

  double saved(const Allocation& allocation, std::size_t order_class) const {
    return saved_value(shape_, terms_.equations, allocation, order_class);
  }

  /// With the first of the classes that save most.
  void offer(const Allocation& allocation) {
    if (used_ >= options_.most / 2) return;
    double most = 0;
    for (std::size_t c = 0; c < shape_.classes.size(); ++c) most = std::max(most, saved(allocation, c));
    if (unsaved_value(shape_, terms_.equations, allocation) - most > limit_) return;
    if (!within_rows(allocation)) return;
    Allocation candidate = allocation;
    candidate.order_class = 0;
    while (saved(allocation, candidate.order_class) < most - kTolerance) ++candidate.order_class;
    add(candidate);
  }

  /// Slot by slot the orders that the proxy does not tell apart: all of them where it never looks,
  /// those that save as much at the permuted level. Until no slot gets better.
  void improve_orders(const Allocation& allocation, Chosen& found) {
    for (bool better = true; better && used_ < options_.most;) {
      better = false;
      for (const Place& place : shape_.places) {
        if (!place.spatial && improve_order(allocation, place, found)) better = true;
      }
    }
  }

  bool improve_order(const Allocation& allocation, const Place& place, Chosen& found) {
    const std::size_t ranks = space_.ranks();
    const auto first = static_cast<std::ptrdiff_t>(place.slot * ranks);
    std::vector<std::uint16_t> order(found.point.order.begin() + first,
                                     found.point.order.begin() + first +
                                         static_cast<std::ptrdiff_t>(ranks));
    // Loops of factor 1 go outermost: they do not matter.
    std::ranges::stable_sort(order, {}, [&](std::uint16_t r) {
      return found.point.factor(place.slot, r, ranks) > 1;
    });
    const auto loops = static_cast<std::size_t>(std::ranges::count_if(
        order, [&](std::uint16_t r) { return found.point.factor(place.slot, r, ranks) > 1; }));
    if (loops < 2) return false;
    const double saved = saved_log(shape_, allocation, order);
    const bool judged = &place == &shape_.places[shape_.permuted];
    const auto inner = order.end() - static_cast<std::ptrdiff_t>(loops);
    bool better = false;
    const std::vector<std::uint16_t> before = order;
    const auto attempt = [&] {
      if (judged && saved_log(shape_, allocation, order) < saved - kTolerance) return;
      Point point = found.point;
      std::ranges::copy(order, point.order.begin() + first);
      const std::optional<cost::Score> score = measure(point);
      if (!score || !(*score < found.score)) return;
      found = {std::move(point), *score};
      better = true;
    };
    if (loops <= kPermuted) {
      std::sort(inner, order.end());
      do {
        attempt();
      } while (std::next_permutation(inner, order.end()) && used_ < options_.most);
      return better;
    }
    for (std::size_t i = order.size() - loops; i < order.size(); ++i) {
      for (std::size_t j = order.size() - loops; j < order.size(); ++j) {
        if (i == j || used_ >= options_.most) continue;
        order = before;
        const std::uint16_t rank = order[i];
        order.erase(order.begin() + static_cast<std::ptrdiff_t>(i));
        order.insert(order.begin() + static_cast<std::ptrdiff_t>(j), rank);
        attempt();
      }
    }
    return better;
  }

  const MapSpace& space_;
  const Shape& shape_;
  const Terms& terms_;
  const TieOptions& options_;
  Scorer scorer_;
  double limit_;
  std::int64_t used_ = 0;
  std::vector<Member> members_;
  std::vector<std::size_t> open_;  ///< a heap of members not yet expanded
  std::set<std::vector<std::int64_t>> seen_;
};

}  // namespace

TieResult best_tie(const MapSpace& space, const Shape& shape, const Terms& terms,
                   const Allocation& solution, const cost::Objective& objective,
                   const TieOptions& options) {
  return Plateau(space, shape, terms, solution, objective, options).run();
}

}  // namespace tileloom::mapper::cosa
