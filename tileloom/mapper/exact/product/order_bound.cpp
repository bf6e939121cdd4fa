#include "tileloom/mapper/exact/product/order_bound.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <optional>
#include <vector>

namespace tileloom::mapper::product {
namespace {

/// A boundary whose child's box is moved last in the block at hand.
struct Moved {
  std::size_t boundary = 0;
  std::uint32_t movers = 0;  ///< bit i: loop i of the block moves the box
};

class OrderBound {
 public:
  OrderBound(const Frame& frame, std::span<const Candidate* const> chosen,
             std::span<const double> floor)
      : frame_(frame), chosen_(chosen), floor_(floor) {
    const Layout& layout = frame.layout;
    moves_.assign(frame.placement.boundaries.size(), 0);
    reduces_from_ = static_cast<std::uint32_t>(frame.skeleton.blocks());
    for (const Candidate* candidate : chosen) {
      reduces_from_ = std::min(reduces_from_, candidate->reduces_from);
      for (std::size_t k = 0; k < moves_.size(); ++k) {
        moves_[k] = std::max(moves_[k], candidate->moves[k]);
      }
    }
    find_loops();
    for (const Quantity& quantity : layout.quantities) {
      const std::optional<std::size_t> clear = clear_slider(quantity.boundary);
      double least = INFINITY;
      double once = INFINITY;
      for (std::size_t v = 0; v < quantity.variants; ++v) {
        const double with = product(quantity, v, std::nullopt);
        least = std::min(least, with);
        const bool slides = clear && layout.sliding[quantity.boundary][v] == *clear;
        once = std::min(once, slides ? product(quantity, v, clear) : with);
      }
      quantities_.push_back(least);
      once_.push_back(once);
    }
  }

  Bounds operator()(const Ledger& ledger) {
    const std::size_t unfinished = first_unfinished(frame_, reduces_from_);
    std::vector<double> least(once_);
    for (std::size_t q = 0; q < least.size(); ++q) least[q] = std::max(least[q], floor_[q]);
    Bounds bounds = ledger(least, unfinished);
    const std::span<const Form> ports = ledger.ports(unfinished);
    std::vector<double> cycles;
    for (const Form& port : ports) cycles.push_back(port(least));
    for (std::size_t b = 0; b < frame_.skeleton.blocks(); ++b) {
      if (!find_block(b)) continue;
      bounds.picojoules += extra(ledger.energy(unfinished));
      for (std::size_t p = 0; p < ports.size(); ++p) cycles[p] += extra(ports[p]);
    }
    for (const double port : cycles) bounds.cycles = std::max(bounds.cycles, port);
    return bounds;
  }

 private:
  /// A quantity with the boundary's moving block as it is; group `clear` keeps nothing when its
  /// sliding loop falls back.
  double product(const Quantity& quantity, std::size_t v, std::optional<std::size_t> clear) const {
    const std::size_t block = moves_[quantity.boundary];
    double product = 1;
    for (std::size_t g = 0; g < chosen_.size(); ++g) {
      product *= clear == g ? chosen_[g]->most[quantity.most[v] + block]
                            : chosen_[g]->least[quantity.offset + v * quantity.blocks + block];
    }
    return product;
  }

  /// By rank: the blocks with loops.
  void find_loops() {
    const std::size_t blocks = frame_.skeleton.blocks();
    loops_.assign(frame_.terrain.extents.size(), 0);
    for (std::size_t g = 0; g < chosen_.size(); ++g) {
      const std::vector<std::size_t>& ranks = frame_.terrain.groups[g].ranks;
      for (std::size_t r = 0; r < ranks.size(); ++r) {
        for (std::size_t b = 0; b < blocks; ++b) {
          const bool turns = chosen_[g]->trips[r * blocks + b] > 1;
          loops_[ranks[r]] |= static_cast<std::uint32_t>(turns) << b;
        }
      }
    }
  }

  /// The group of the only loop that may slide boundary k's box, if a simple axis changes whenever
  /// it falls back. docs/exact_mapper.md (S4)
  std::optional<std::size_t> clear_slider(std::size_t k) const {
    if (!frame_.layout.child_block[k] || frame_.layout.sliding[k].empty()) return std::nullopt;
    const OperandFacts& operand = frame_.terrain.operands[frame_.placement.boundaries[k].operand];
    const std::uint32_t to_last = (std::uint32_t{2} << moves_[k]) - 1;
    const auto loops_over = [&](Relevance relevance) {
      std::uint32_t blocks = 0;
      for (std::size_t rank = 0; rank < loops_.size(); ++rank) {
        if (operand.relevance[rank] == relevance) blocks |= loops_[rank];
      }
      return blocks;
    };
    const std::uint32_t simple = loops_over(Relevance::simple) & to_last;
    if (simple == 0) return std::nullopt;
    // From the innermost block with a loop over a simple axis to the one of the sliding loop.
    const std::uint32_t between = to_last & ~(std::bit_floor(simple) - 1);
    const std::uint32_t outside_last = between & (to_last >> 1);
    if ((loops_over(Relevance::none) & outside_last) != 0) return std::nullopt;
    std::optional<std::size_t> slider;
    for (std::size_t rank = 0; rank < loops_.size(); ++rank) {
      if (operand.relevance[rank] != Relevance::general || (loops_[rank] & between) == 0) continue;
      if (slider || (loops_[rank] & outside_last) != 0) return std::nullopt;
      slider = frame_.terrain.group_of[rank];
    }
    return slider;
  }

  /// The loops of block b and the boundaries it moves last; false if their order cannot matter.
  bool find_block(std::size_t b) {
    trips_.clear();
    moved_.clear();
    for (std::size_t k = 0; k < moves_.size(); ++k) {
      if (frame_.layout.child_block[k] && moves_[k] == b) moved_.push_back({k, 0});
    }
    const std::size_t blocks = frame_.skeleton.blocks();
    for (std::size_t g = 0; g < chosen_.size(); ++g) {
      const std::vector<std::size_t>& ranks = frame_.terrain.groups[g].ranks;
      for (std::size_t r = 0; r < ranks.size(); ++r) {
        const std::int64_t trips = chosen_[g]->trips[r * blocks + b];
        if (trips == 1) continue;
        for (Moved& moved : moved_) {
          const std::size_t operand = frame_.placement.boundaries[moved.boundary].operand;
          if (frame_.terrain.operands[operand].relevance[ranks[r]] == Relevance::none) continue;
          moved.movers |= std::uint32_t{1} << trips_.size();
        }
        trips_.push_back(static_cast<double>(trips));
      }
    }
    // One boundary alone, or boundaries moved by the same loops, have an order without extra visits.
    std::erase_if(moved_, [&](const Moved& moved) { return moved.movers == 0; });
    return std::ranges::any_of(moved_, [&](const Moved& moved) {
      return moved.movers != moved_.front().movers;
    });
  }

  double product_outside(std::uint32_t inside) const {
    double product = 1;
    for (std::size_t i = 0; i < trips_.size(); ++i) {
      if ((inside >> i & 1) == 0) product *= trips_[i];
    }
    return product;
  }

  /// The least that extra visits add to the form, over all orders of the block's loops: from the
  /// innermost outwards, a boundary's visits are known when the first loop that moves its box is.
  double extra(const Form& form) {
    const std::size_t n = trips_.size();
    best_.assign(std::size_t{1} << n, INFINITY);
    best_[0] = 0;
    for (std::uint32_t set = 0; set + 1 < best_.size(); ++set) {
      for (std::size_t i = 0; i < n; ++i) {
        if ((set >> i & 1) != 0) continue;
        double cost = best_[set];
        for (const Moved& moved : moved_) {
          if ((moved.movers & set) != 0 || (moved.movers >> i & 1) == 0) continue;
          cost += added(form, moved.boundary, product_outside(set | moved.movers));
        }
        double& next = best_[set | std::uint32_t{1} << i];
        next = std::min(next, cost);
      }
    }
    return best_.back();
  }

  double added(const Form& form, std::size_t boundary, double visits) const {
    if (visits == 1) return 0;
    double sum = 0;
    for (std::size_t q = 0; q < quantities_.size(); ++q) {
      if (frame_.layout.quantities[q].boundary != boundary) continue;
      sum += form.factors[q] * quantities_[q] * (visits - 1);
    }
    return sum;
  }

  const Frame& frame_;
  std::span<const Candidate* const> chosen_;
  std::span<const double> floor_;
  std::vector<std::uint8_t> moves_;
  std::vector<std::uint32_t> loops_;  ///< by rank: blocks with loops
  std::vector<double> quantities_;    ///< the least of one visit
  std::vector<double> once_;          ///< of the first
  std::uint32_t reduces_from_ = 0;
  std::vector<double> trips_;
  std::vector<Moved> moved_;
  std::vector<double> best_;
};

}  // namespace

std::size_t first_unfinished(const Frame& frame, std::uint32_t reduces_from) {
  const std::size_t first = frame.placement.first.rbegin()[1];
  std::size_t nth = 0;
  for (std::size_t k = first; k < frame.placement.boundaries.size(); ++k, ++nth) {
    const std::size_t block = frame.layout.child_block[k].value_or(frame.skeleton.blocks() - 1);
    if (reduces_from <= block) return nth;
  }
  return nth;
}

Bounds order_bound(const Frame& frame, const Ledger& ledger,
                   std::span<const Candidate* const> chosen, std::span<const double> floor) {
  return OrderBound(frame, chosen, floor)(ledger);
}

}  // namespace tileloom::mapper::product
