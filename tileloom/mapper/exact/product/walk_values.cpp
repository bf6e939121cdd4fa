#include "tileloom/mapper/exact/product/walk_values.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>

namespace tileloom::mapper::product {
namespace {

/// Orders of the loops that make a box return, at most; of more than these only how many returns
/// there are is used.
constexpr double kMostOrders = 120;

/// What visits bring in at least if boxes return as they do in some order of the loops outside.
class Returns {
 public:
  /// By general axis of the operand.
  struct Window {
    double length = 0;
    double moved = 0;  ///< where the box is before it returns: how far from where it returns to
  };
  struct Mover {
    std::size_t window = SIZE_MAX;  ///< SIZE_MAX: it stands still
    double step = 0;
    double trips = 1;
  };
  struct Visits {
    double boxes = 0;  ///< if nothing is kept on returns
    double runs = 1;   ///< of the loop that moves the box last
    double visits = 1;
    double once = 0;
  };

  Returns(std::vector<Window> windows, std::vector<std::vector<Mover>> parts, const Visits& visits)
      : windows_(std::move(windows)), parts_(std::move(parts)), visits_(visits) {}

  double least() {
    double orders = 1;
    double runs = 1;
    double visits = 1;
    for (const std::vector<Mover>& part : parts_) {
      for (std::size_t n = 2; n <= part.size(); ++n) orders *= static_cast<double>(n);
      for (const Mover& mover : part) {
        runs *= mover.trips;
        if (mover.window == SIZE_MAX) visits *= mover.trips;
      }
    }
    if (orders > kMostOrders) {
      double whole = 1;
      for (const Window& window : windows_) whole *= window.length;
      const double further = 1 - 1 / visits;
      const KeptOnReturn kept{further * whole, (1 - 1 / runs - further) * whole};
      return brought(kept);
    }
    extend(0, 0, 1, {});
    return least_;
  }

 private:
  /// `kept`: per run
  double brought(const KeptOnReturn& kept) const {
    return over_visits(visits_.boxes, {visits_.runs * kept.further, visits_.runs * kept.within},
                       visits_.visits, visits_.once);
  }

  double shared() const {
    double product = 1;
    for (const Window& window : windows_) {
      product *= std::max(0.0, window.length - std::abs(window.moved));
    }
    return product;
  }

  /// Places what is left of a part, from the innermost loop outwards: `runs` trips stand inside.
  void extend(std::size_t part, std::uint32_t placed, double runs, const KeptOnReturn& kept) {
    if (part == parts_.size()) {
      least_ = std::min(least_, brought(kept));
      return;
    }
    const std::vector<Mover>& movers = parts_[part];
    if (placed + 1 == std::uint32_t{1} << movers.size()) {
      extend(part + 1, 0, runs, kept);
      return;
    }
    for (std::size_t m = 0; m < movers.size(); ++m) {
      if ((placed >> m & 1) != 0) continue;
      const Mover& mover = movers[m];
      const std::uint32_t with = placed | std::uint32_t{1} << m;
      const double share = (1 - 1 / mover.trips) / runs;
      KeptOnReturn more = kept;
      if (mover.window == SIZE_MAX) {
        more.further += share * shared();
        extend(part, with, runs * mover.trips, more);
        continue;
      }
      const double before = windows_[mover.window].moved;
      windows_[mover.window].moved = before + mover.step;
      more.within += share * shared();
      windows_[mover.window].moved = before - mover.step * (mover.trips - 1);
      extend(part, with, runs * mover.trips, more);
      windows_[mover.window].moved = before;
    }
  }

  std::vector<Window> windows_;
  std::vector<std::vector<Mover>> parts_;
  Visits visits_;
  double least_ = INFINITY;
};

}  // namespace

WalkValues::WalkValues(const ChainProblem& problem, const Shapes& shapes)
    : problem_(problem), shapes_(shapes), span_of_(problem.terrain.extents.size(), SIZE_MAX) {
  for (std::size_t s = 0; s < shapes.spans().size(); ++s) span_of_[shapes.spans()[s].rank] = s;
}

const std::vector<std::size_t>& WalkValues::axes_of(std::size_t boundary) const {
  return problem_.terrain.operands[problem_.placement.boundaries[boundary].operand].axes;
}

void WalkValues::follow(const WalkOrder& order) {
  order_ = &order;
  of_lanes_.clear();
  for (std::size_t q = 0; q < problem_.layout.quantities.size(); ++q) {
    const std::size_t k = problem_.layout.quantities[q].boundary;
    const Boundary& boundary = problem_.placement.boundaries[k];
    if (boundary.child) continue;
    OfLanes lanes{k, q, 0};
    bool shared = false;
    for (const std::size_t a : axes_of(k)) {
      if (!grouped(boundary, a)) continue;
      shared = true;
      for (const std::size_t rank : problem_.terrain.axes[a].ranks) {
        for (std::size_t x = 0; x < problem_.terrain.open.size(); ++x) {
          if (positions(rank, x) == 1) continue;
          lanes.block = std::max(lanes.block, order.skeleton->block_of_axis[x]);
        }
      }
    }
    if (shared) of_lanes_.push_back(lanes);
  }
}

bool WalkValues::grouped(const Boundary& boundary, std::size_t a) const {
  return std::ranges::any_of(problem_.terrain.axes[a].ranks, [&](std::size_t rank) {
    const std::size_t g = problem_.terrain.group_of[rank];
    const std::size_t place = problem_.terrain.groups[g].place_of(rank);
    return problem_.choices[g]->positions_along(place, boundary.shared) > 1;
  });
}

std::int64_t WalkValues::positions(std::size_t rank, std::size_t x) const {
  const std::size_t g = problem_.terrain.group_of[rank];
  return problem_.choices[g]->positions(problem_.terrain.groups[g].place_of(rank), x);
}

std::int64_t WalkValues::below(const Boundary& boundary, std::size_t rank) const {
  const std::size_t g = problem_.terrain.group_of[rank];
  const std::size_t place = problem_.terrain.groups[g].place_of(rank);
  return problem_.choices[g]->positions_along(place, ~boundary.own);
}

std::int64_t WalkValues::inside(std::size_t rank, std::size_t shape) const {
  if (span_of_[rank] == SIZE_MAX) return 1;
  const Shapes::Span& span = shapes_.spans()[span_of_[rank]];
  return span.divisors[span.digit(shape)];
}

/// Tile of the t-th loop's rank.
std::int64_t WalkValues::step(const Boundary& boundary, std::span<const Turn> turns, std::size_t t,
                              std::size_t shape) const {
  const std::size_t rank = turns[t].rank;
  std::int64_t tile = inside(rank, shape) * below(boundary, rank);
  for (std::size_t later = t + 1; later < turns.size(); ++later) {
    if (turns[later].rank == rank) tile *= turns[later].trips;
  }
  for (std::size_t x = 0; x < problem_.terrain.open.size(); ++x) {
    const bool own = (boundary.own >> x & 1) != 0;
    if (own && order_->skeleton->block_of_axis[x] >= turns[t].block) tile *= positions(rank, x);
  }
  return tile;
}

std::span<const std::int64_t> WalkValues::tiles(const Boundary& boundary, std::size_t a,
                                                std::size_t shape) {
  tiles_.clear();
  for (const std::size_t rank : problem_.terrain.axes[a].ranks) {
    tiles_.push_back(inside(rank, shape) * below(boundary, rank));
  }
  return tiles_;
}

/// The loops over the axis's ranks above the child, rank by rank; with `slides`, that rank's last
/// temporal loop stands alone and last.
std::span<const AxisLoop> WalkValues::loops(const Boundary& boundary, std::size_t a,
                                            std::span<const Turn> turns, std::size_t last_block,
                                            std::optional<std::size_t> slides) {
  const std::vector<std::size_t>& ranks = problem_.terrain.axes[a].ranks;
  loops_.clear();
  for (std::size_t turn = 0; turn < ranks.size(); ++turn) {
    const std::size_t i = slides ? (*slides + 1 + turn) % ranks.size() : turn;
    bool merges = false;
    for (std::size_t b = 0; b <= last_block; ++b) {
      for (std::size_t t = 0; t < turns.size(); ++t) {
        if (turns[t].rank != ranks[i] || turns[t].block != b) continue;
        const bool alone = slides == i && t + 1 == turns.size();
        if (merges && !alone) {
          loops_.back().trips *= turns[t].trips;
        } else {
          loops_.push_back({i, turns[t].trips, cost::LinkKind::temporal});
        }
        merges = true;
      }
      for (std::size_t x = 0; x < problem_.terrain.open.size(); ++x) {
        const bool own = (boundary.own >> x & 1) != 0;
        if (!own || order_->skeleton->block_of_axis[x] != b || positions(ranks[i], x) == 1) continue;
        const bool shared = (boundary.shared >> x & 1) != 0;
        loops_.push_back({i, positions(ranks[i], x),
                          shared ? cost::LinkKind::grouped : cost::LinkKind::separate});
        merges = false;
      }
    }
  }
  return loops_;
}

/// Elements along one axis over all chunks.
double WalkValues::total(const Boundary& boundary, std::size_t a, bool each,
                         std::span<const Turn> turns, std::size_t last_block, std::size_t shape) {
  AxisTable& table = problem_.tables[a];
  if (each || !grouped(boundary, a)) return table.boxes(tiles(boundary, a, shape)).total;
  return table.united(loops(boundary, a, turns, last_block, std::nullopt));
}

/// Of these what boxes keep when the last loop moves them.
double WalkValues::kept(const Boundary& boundary, std::size_t a, bool each,
                        std::span<const Turn> turns, std::size_t last_block, std::size_t shape) {
  const std::vector<std::size_t>& ranks = problem_.terrain.axes[a].ranks;
  const Turn& last = turns.back();
  const auto place = static_cast<std::size_t>(std::ranges::find(ranks, last.rank) - ranks.begin());
  AxisTable& table = problem_.tables[a];
  if (each || !grouped(boundary, a)) {
    const std::int64_t by = step(boundary, turns, turns.size() - 1, shape);
    return table.kept(tiles(boundary, a, shape), place, by, last.trips);
  }
  return table.united_kept(loops(boundary, a, turns, last_block, place));
}

double WalkValues::brought(const Moving& moving, std::size_t n, std::span<const Turn> turns,
                           std::size_t shape) {
  const Boundary& boundary = problem_.placement.boundaries[moving.boundary];
  const OperandFacts& operand = problem_.terrain.operands[boundary.operand];
  if (operand.axes.empty()) return moving.values(0, n)[shape];
  const std::size_t q = moving.quantities[n];
  const bool each = problem_.layout.quantities[q].each;
  const std::size_t last_block = *order_->layout->child_block[moving.boundary];
  const bool slides =
      !turns.empty() && operand.relevance[turns.back().rank] == Relevance::general;
  double boxes = moving.visits()[shape];
  for (const std::size_t a : operand.axes) {
    double brought = total(boundary, a, each, turns, last_block, shape);
    const std::vector<std::size_t>& ranks = problem_.terrain.axes[a].ranks;
    if (slides && std::ranges::count(ranks, turns.back().rank) > 0) {
      brought -= kept(boundary, a, each, turns, last_block, shape);
    }
    boxes *= brought;
  }
  const double once = problem_.least[q];
  if (slides) return slid(moving, boxes, turns, shape, once);
  return over_visits(boxes, {}, moving.visits()[shape], once);
}

/// Fills returns_: up to a loop over a simple axis, for when that moves, or one further out, all of
/// the box is new.
void WalkValues::find_returns(const OperandFacts& operand, std::span<const Turn> turns) {
  returns_.assign(1, {});
  bool simple = false;
  for (std::size_t t = turns.size() - 1; t-- > 0;) {
    const bool ordered = turns[t].last || turns[t].block != turns[t + 1].block;
    if (ordered) {
      if (simple) break;
      returns_.emplace_back();
    }
    if (operand.relevance[turns[t].rank] == Relevance::simple) {
      simple = true;
    } else {
      returns_.back().push_back(t);
    }
    if (turns[t].last) {
      if (simple) break;
      returns_.emplace_back();
    }
  }
}

/// The same if the last loop lets boxes slide; `boxes`: if nothing is kept when it falls back.
double WalkValues::slid(const Moving& moving, double boxes, std::span<const Turn> turns,
                        std::size_t shape, double once) {
  const Boundary& boundary = problem_.placement.boundaries[moving.boundary];
  const OperandFacts& operand = problem_.terrain.operands[boundary.operand];
  find_returns(operand, turns);
  std::vector<Returns::Window> windows;
  double runs = moving.visits()[shape] / static_cast<double>(turns.back().trips);
  for (const std::size_t a : operand.axes) {
    const std::span<const std::int64_t> tiles = this->tiles(boundary, a, shape);
    const std::vector<std::size_t>& ranks = problem_.terrain.axes[a].ranks;
    for (std::size_t i = 0; i < ranks.size(); ++i) {
      runs *= static_cast<double>(problem_.terrain.extents[ranks[i]] / tiles[i]);
    }
    windows.push_back({static_cast<double>(problem_.tables[a].length(tiles)), 0});
  }
  const auto mover = [&](std::size_t t) {
    Returns::Mover found{SIZE_MAX, 0, static_cast<double>(turns[t].trips)};
    for (std::size_t w = 0; w < windows.size(); ++w) {
      const GeneralAxis& axis = problem_.terrain.axes[operand.axes[w]];
      const auto rank = std::ranges::find(axis.ranks, turns[t].rank);
      if (rank == axis.ranks.end()) continue;
      const std::int64_t coefficient =
          axis.coefficients[static_cast<std::size_t>(rank - axis.ranks.begin())];
      found.window = w;
      found.step = static_cast<double>(coefficient * step(boundary, turns, t, shape));
    }
    return found;
  };
  const Returns::Mover last = mover(turns.size() - 1);
  windows[last.window].moved = -last.step * (last.trips - 1);
  std::vector<std::vector<Returns::Mover>> parts;
  for (const std::vector<std::size_t>& part : returns_) {
    if (part.empty()) continue;
    std::vector<Returns::Mover>& movers = parts.emplace_back();
    for (const std::size_t t : part) movers.push_back(mover(t));
  }
  const double visits = moving.visits()[shape];
  if (parts.empty()) return over_visits(boxes, {}, visits, once);
  return Returns(std::move(windows), std::move(parts), {boxes, runs, visits, once}).least();
}

double WalkValues::used(const OfLanes& lanes, std::span<const Turn> turns, std::size_t shape) {
  const Boundary& boundary = problem_.placement.boundaries[lanes.boundary];
  // What is left inside stands above the lanes: outside the spatial loops that end the last block.
  const std::size_t last_block = order_->skeleton->blocks() - 1;
  rest_.assign(turns.begin(), turns.end());
  for (const Shapes::Span& span : shapes_.spans()) {
    const std::int64_t trips = span.divisors[span.digit(shape)];
    if (trips > 1) rest_.push_back({span.rank, trips, last_block, false});
  }
  double used = 1;
  for (const std::size_t a : axes_of(lanes.boundary)) {
    used *= total(boundary, a, false, rest_, last_block, Shapes::kSmallest);
  }
  return used;
}

}  // namespace tileloom::mapper::product
