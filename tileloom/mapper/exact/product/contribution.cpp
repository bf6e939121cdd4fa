#include "tileloom/mapper/exact/product/contribution.hpp"

#include <algorithm>
#include <bit>
#include <memory>
#include <optional>
#include <span>

namespace tileloom::mapper::product {
namespace {

/// What one boundary asks of the group's ranks, whatever their temporal trips.
struct BoundaryPlan {
  std::size_t last = 0;               ///< innermost block above the child
  std::vector<std::int64_t> below;    ///< by rank of the group: spatial trips inside the child
  std::vector<std::int64_t> unsplit;  ///< [rank · blocks + c]: spatial trips below block c's loops
  std::vector<std::size_t> axes;      ///< the operand's general axes over the group
  std::vector<std::uint8_t> grouped;  ///< by these: shared spatial loops over its ranks
  std::optional<std::size_t> slides;  ///< the variant in which this group slides
};

/// Works out one candidate's contributions.
class Contribution {
 public:
  Contribution(const Frame& frame, std::size_t group, const SpatialChoice& choice)
      : frame_(frame),
        terrain_(frame.terrain),
        group_(frame.terrain.groups[group]),
        choice_(choice),
        blocks_(frame.skeleton.blocks()),
        places_(frame.terrain.axes.size()),
        inner_(group_.ranks.size() * blocks_),
        loops_in_(group_.ranks.size()) {
    for (const std::size_t a : group_.axes) {
      std::vector<std::size_t>& places = places_[a];
      for (const std::size_t rank : terrain_.axes[a].ranks) places.push_back(group_.place_of(rank));
    }
    for (std::size_t k = 0; k < frame.placement.boundaries.size(); ++k) plan(k, group);
    plan_boxes();
    for (const OperandFacts& operand : terrain_.operands) {
      std::vector<std::size_t>& none = lacks_.emplace_back();
      for (std::size_t r = 0; r < group_.ranks.size(); ++r) {
        if (operand.relevance[group_.ranks[r]] == Relevance::none) none.push_back(r);
      }
    }
    visits_.resize(terrain_.operands.size() * (blocks_ + 1));
    moved_in_.resize(terrain_.operands.size());
  }

  bool fill(Draft& candidate) {
    candidate_ = &candidate;
    fill_inner();
    if (!fill_boxes()) return false;
    candidate.least.resize(frame_.layout.columns);
    fill_visits();
    candidate.reduces_from = static_cast<std::uint32_t>(blocks_);
    std::uint32_t reducing = 0;
    for (const std::size_t r : lacks_.back()) reducing |= loops_in_[r];
    if (reducing != 0) {
      candidate.reduces_from = static_cast<std::uint32_t>(std::countr_zero(reducing));
    }
    fill_moves();
    candidate.most.resize(frame_.layout.columns);
    for (const Quantity& quantity : frame_.layout.quantities) fill_quantity(quantity);
    return true;
  }

 private:
  std::int64_t trips(std::size_t r, std::size_t b) const {
    return candidate_->trips[r * blocks_ + b];
  }

  void plan(std::size_t k, std::size_t group) {
    const Boundary& boundary = frame_.placement.boundaries[k];
    BoundaryPlan& plan = plans_.emplace_back();
    plan.last = frame_.layout.child_block[k].value_or(blocks_ - 1);
    for (std::size_t r = 0; r < group_.ranks.size(); ++r) {
      plan.below.push_back(choice_.positions_along(r, ~boundary.own));
      for (std::size_t c = 0; c < blocks_; ++c) {
        std::int64_t product = plan.below[r];
        for (std::size_t a = 0; a < terrain_.open.size(); ++a) {
          const bool inside = frame_.skeleton.block_of_axis[a] >= c;
          if (inside && (boundary.own >> a & 1) != 0) product *= choice_.positions(r, a);
        }
        plan.unsplit.push_back(product);
      }
    }
    for (const std::size_t a : terrain_.operands[boundary.operand].axes) {
      if (places_[a].empty()) continue;
      plan.axes.push_back(a);
      plan.grouped.push_back(grouped(a, boundary) ? 1 : 0);
    }
    const std::vector<std::size_t>& sliding = frame_.layout.sliding[k];
    const auto mine = std::ranges::find(sliding, group);
    if (frame_.layout.child_block[k] && mine != sliding.end()) {
      plan.slides = static_cast<std::size_t>(mine - sliding.begin());
    }
  }

  bool grouped(std::size_t a, const Boundary& boundary) const {
    return std::ranges::any_of(places_[a], [&](std::size_t r) {
      return choice_.positions_along(r, boundary.shared) > 1;
    });
  }

  void plan_boxes() {
    for (const PlacedStore& store : frame_.skeleton.stores) {
      const MemoryFacts& memory = terrain_.memories[index(store.memory)];
      const OperandFacts& operand = terrain_.operands[store.operand];
      BoxPlan& plan = boxes_.emplace_back();
      plan.most = memory.capacity / operand.least_width(false);
      for (std::size_t r = 0; r < group_.ranks.size(); ++r) {
        plan.below.push_back(choice_.positions_along(r, ~memory.own));
        if (operand.relevance[group_.ranks[r]] == Relevance::simple) plan.simple.push_back(r);
      }
      for (const std::size_t a : operand.axes) {
        if (!places_[a].empty()) plan.axes.push_back(a);
      }
    }
  }

  /// Π trips of the blocks further in, and the blocks with loops, by rank.
  void fill_inner() {
    for (std::size_t r = 0; r < group_.ranks.size(); ++r) {
      std::int64_t product = 1;
      std::uint32_t loops = 0;
      for (std::size_t b = blocks_; b-- > 0;) {
        inner_[r * blocks_ + b] = product;
        const std::int64_t here = trips(r, b);
        product *= here;
        loops |= static_cast<std::uint32_t>(here > 1) << b;
      }
      loops_in_[r] = loops;
    }
  }

  /// By operand: Π trips of ranks it lacks in the blocks outside each, and the blocks that move it.
  void fill_visits() {
    for (std::size_t o = 0; o < terrain_.operands.size(); ++o) {
      double* visits = visits_.data() + o * (blocks_ + 1);
      visits[0] = 1;
      std::uint32_t moved = 0;
      for (const std::uint32_t loops : loops_in_) moved |= loops;
      if (!lacks_[o].empty()) {
        moved = 0;
        for (std::size_t r = 0; r < group_.ranks.size(); ++r) {
          const bool has = terrain_.operands[o].relevance[group_.ranks[r]] != Relevance::none;
          if (has) moved |= loops_in_[r];
        }
      }
      moved_in_[o] = moved;
      for (std::size_t c = 0; c < blocks_; ++c) {
        double here = visits[c];
        for (const std::size_t r : lacks_[o]) here *= static_cast<double>(trips(r, c));
        visits[c + 1] = here;
      }
    }
  }

  void fill_moves() {
    candidate_->moves.assign(frame_.placement.boundaries.size(), 0);
    for (std::size_t k = 0; k < plans_.size(); ++k) {
      if (!frame_.layout.child_block[k]) continue;
      const std::uint32_t within = (std::uint32_t{2} << plans_[k].last) - 1;
      const std::uint32_t moved = moved_in_[frame_.placement.boundaries[k].operand] & within;
      if (moved != 0) candidate_->moves[k] = static_cast<std::uint8_t>(std::bit_width(moved) - 1);
    }
  }

  std::span<const std::int64_t> axis_tiles(std::size_t a, std::size_t block,
                                           const std::vector<std::int64_t>& below) {
    axis_tiles_.clear();
    for (const std::size_t r : places_[a]) {
      axis_tiles_.push_back(inner_[r * blocks_ + block] * below[r]);
    }
    return axis_tiles_;
  }

  bool fill_boxes() {
    candidate_->boxes.resize(boxes_.size());
    for (std::size_t s = 0; s < boxes_.size(); ++s) {
      const BoxPlan& plan = boxes_[s];
      double box = 1;
      for (const std::size_t r : plan.simple) {
        box *= static_cast<double>(inner_[r * blocks_ + s] * plan.below[r]);
      }
      for (const std::size_t a : plan.axes) {
        box *= frame_.tables[a].boxes(axis_tiles(a, s, plan.below)).largest;
      }
      if (box > plan.most) return false;
      candidate_->boxes[s] = box;
    }
    return true;
  }

  /// (S1), (S2): in company the innermost block that moves the box is this candidate's own or one
  /// further in, so columns of blocks further out repeat the own one.
  void fill_quantity(const Quantity& quantity) {
    const Boundary& boundary = frame_.placement.boundaries[quantity.boundary];
    const BoundaryPlan& plan = plans_[quantity.boundary];
    double standing = 1;  // Π over the general axes of this group, nothing kept
    for (std::size_t i = 0; i < plan.axes.size(); ++i) {
      standing *= total(i, boundary, plan, quantity.each, std::nullopt);
    }
    const std::size_t own = candidate_->moves[quantity.boundary];
    const double* visits = visits_.data() + boundary.operand * (blocks_ + 1);
    for (std::size_t v = 0; v < quantity.variants; ++v) {
      double* least = candidate_->least.data() + quantity.offset + v * quantity.blocks;
      double* most = candidate_->most.data() + quantity.offset + v * quantity.blocks;
      for (std::size_t c = 0; c < quantity.blocks; ++c) {
        least[c] = most[c] = visits[std::max(c, own)] * standing;
      }
      if (plan.slides != v || own > plan.last) continue;
      const Range boxes = slid(quantity, boundary, plan, own, standing);
      for (std::size_t c = 0; c <= own; ++c) {
        least[c] = visits[own] * boxes.least;
        most[c] = visits[own] * boxes.most;
      }
    }
  }

  struct Range {
    double least = 0;
    double most = 0;
  };

  /// The least that enters if the innermost loop that moves the box is one of this group's in
  /// block `c`.
  Range slid(const Quantity& quantity, const Boundary& boundary, const BoundaryPlan& plan,
             std::size_t c, double standing) {
    Range best{standing, standing};
    for (std::size_t n = 0; n < plan.axes.size(); ++n) {
      const std::size_t a = plan.axes[n];
      const std::vector<std::size_t>& places = places_[a];
      double still = -1;
      for (std::size_t i = 0; i < places.size(); ++i) {
        if (trips(places[i], c) == 1) continue;
        if (still < 0) still = total(n, boundary, plan, quantity.each, std::nullopt);
        if (still == 0) break;
        const double moved = still - total(n, boundary, plan, quantity.each, Slide{i, c});
        best.most = std::min(best.most, standing / still * moved);
        const double restarts = restart_savings(a, plan, i, c);
        best.least = std::min(best.least, standing / still * std::max(0.0, moved - restarts));
      }
    }
    return best;
  }

  struct Slide {
    std::size_t rank = 0;  ///< place on the axis
    std::size_t block = 0;
  };

  /// Elements along one general axis over all states; with `slide`, those kept when that loop
  /// moves.
  double total(std::size_t n, const Boundary& boundary, const BoundaryPlan& plan, bool each,
               std::optional<Slide> slide) {
    const std::size_t a = plan.axes[n];
    AxisTable& table = frame_.tables[a];
    if (each || plan.grouped[n] == 0) {
      const std::span<const std::int64_t> tiles = axis_tiles(a, plan.last, plan.below);
      if (!slide) return table.boxes(tiles).total;
      const std::size_t r = places_[a][slide->rank];
      return table.kept(tiles, slide->rank, step(plan, r, slide->block), trips(r, slide->block));
    }
    list_loops(a, boundary, plan.last, slide);
    return slide ? table.united_kept(loops_) : table.united(loops_);
  }

  /// Tile of rank r's loop in block c.
  std::int64_t step(const BoundaryPlan& plan, std::size_t r, std::size_t c) const {
    return inner_[r * blocks_ + c] * plan.unsplit[r * blocks_ + c];
  }

  /// The loops over the axis's ranks above the child, rank by rank; the sliding one last.
  void list_loops(std::size_t a, const Boundary& boundary, std::size_t last,
                  std::optional<Slide> slide) {
    const std::vector<std::size_t>& places = places_[a];
    loops_.clear();
    for (std::size_t turn = 0; turn < places.size(); ++turn) {
      const std::size_t i = slide ? (slide->rank + 1 + turn) % places.size() : turn;
      const std::size_t r = places[i];
      bool merges = false;
      for (std::size_t b = 0; b <= last; ++b) {
        if (trips(r, b) > 1) {
          const bool alone = slide && slide->rank == i && slide->block == b;
          if (merges && !alone) {
            loops_.back().trips *= trips(r, b);
          } else {
            loops_.push_back({i, trips(r, b), cost::LinkKind::temporal});
          }
          merges = true;
        }
        for (std::size_t x = 0; x < terrain_.open.size(); ++x) {
          if (frame_.skeleton.block_of_axis[x] != b || (boundary.own >> x & 1) == 0) continue;
          if (choice_.positions(r, x) == 1) continue;
          const bool shared = (boundary.shared >> x & 1) != 0;
          loops_.push_back(
              {i, choice_.positions(r, x), shared ? cost::LinkKind::grouped : cost::LinkKind::separate});
          merges = false;
        }
      }
    }
  }

  /// An upper bound on what other loops can save when they move and the sliding loop falls back:
  /// once per run of it, along this axis. docs/exact_mapper.md (S3)
  double restart_savings(std::size_t a, const BoundaryPlan& plan, std::size_t i, std::size_t c) {
    const GeneralAxis& axis = terrain_.axes[a];
    const std::vector<std::size_t>& places = places_[a];
    const std::size_t r = places[i];
    const std::uint32_t within = (std::uint32_t{2} << plan.last) - 1;
    const std::span<const std::int64_t> tiles = axis_tiles(a, plan.last, plan.below);
    std::int64_t range = 0;  // of what other loops move
    for (std::size_t k = 0; k < places.size(); ++k) {
      if (k == i || (loops_in_[places[k]] & within) == 0) continue;
      range += axis.coefficients[k] * (terrain_.extents[axis.ranks[k]] - tiles[k]);
    }
    const bool moves_further_out = (loops_in_[r] & ((std::uint32_t{1} << c) - 1)) != 0;
    const std::int64_t length = frame_.tables[a].length(tiles);
    const std::int64_t shift = axis.coefficients[i] * step(plan, r, c);
    const std::int64_t back = shift * (moves_further_out ? 1 : trips(r, c) - 1);
    const std::int64_t shared = length - std::max<std::int64_t>(0, back - range);
    if (shared <= 0) return 0;
    double runs = static_cast<double>(shared) / static_cast<double>(trips(r, c));
    for (std::size_t k = 0; k < places.size(); ++k) {
      runs *= static_cast<double>(terrain_.extents[axis.ranks[k]] / tiles[k]);
    }
    return runs;
  }

  /// A Store's box along the group's ranks.
  struct BoxPlan {
    double most = 0;                  ///< elements that fit
    std::vector<std::int64_t> below;  ///< by rank of the group: spatial trips inside the memory
    std::vector<std::size_t> simple;
    std::vector<std::size_t> axes;
  };

  const Frame& frame_;
  const Terrain& terrain_;
  const Group& group_;
  const SpatialChoice& choice_;
  std::size_t blocks_;
  std::vector<std::vector<std::size_t>> places_;  ///< by axis of the group: its ranks in it
  std::vector<BoundaryPlan> plans_;
  std::vector<BoxPlan> boxes_;                   ///< by store
  std::vector<std::vector<std::size_t>> lacks_;  ///< by operand: ranks of the group it lacks
  std::vector<std::int64_t> inner_;              ///< [rank of the group · blocks + block]
  std::vector<std::uint32_t> loops_in_;   ///< by rank of the group: blocks with more than one trip
  std::vector<double> visits_;            ///< [operand · (blocks + 1) + block]
  std::vector<std::uint32_t> moved_in_;   ///< by operand: blocks that move its boxes
  std::vector<std::int64_t> axis_tiles_;  ///< by rank of the axis asked for last
  std::vector<AxisLoop> loops_;
  Draft* candidate_ = nullptr;
};

}  // namespace

std::function<bool(Draft&)> contribution(const Frame& frame, std::size_t group,
                                         const SpatialChoice& choice) {
  auto worker = std::make_shared<Contribution>(frame, group, choice);
  return [worker](Draft& draft) { return worker->fill(draft); };
}

}  // namespace tileloom::mapper::product
