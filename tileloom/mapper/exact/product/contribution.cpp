#include "tileloom/mapper/exact/product/contribution.hpp"

#include <algorithm>
#include <memory>
#include <optional>
#include <span>

namespace tileloom::mapper::product {
namespace {

/// Works out one candidate's contributions.
class Contribution {
 public:
  Contribution(const Frame& frame, std::size_t group, const SpatialChoice& choice)
      : frame_(frame),
        terrain_(frame.terrain),
        number_(group),
        group_(frame.terrain.groups[group]),
        choice_(choice),
        blocks_(frame.skeleton.blocks()),
        tiles_(group_.ranks.size()),
        inner_(group_.ranks.size() * blocks_) {}

  bool fill(Draft& candidate) {
    candidate_ = &candidate;
    fill_inner();
    if (!fill_boxes()) return false;
    candidate.least.assign(frame_.layout.columns, 1.0);
    candidate.moves.assign(frame_.placement.boundaries.size(), 0);
    candidate.reduces_from = static_cast<std::uint32_t>(blocks_);
    for (std::size_t b = blocks_; b-- > 0;) {
      for (std::size_t r = 0; r < group_.ranks.size(); ++r) {
        if (trips(r, b) == 1) continue;
        if (terrain_.operands.back().relevance[group_.ranks[r]] == Relevance::none) {
          candidate.reduces_from = static_cast<std::uint32_t>(b);
        }
      }
    }
    fill_moves();
    candidate.most = candidate.least;
    for (const Quantity& quantity : frame_.layout.quantities) fill_quantity(quantity);
    return true;
  }

 private:
  std::int64_t trips(std::size_t r, std::size_t b) const {
    return candidate_->trips[r * blocks_ + b];
  }
  std::int64_t spread(std::size_t r, std::size_t a) const {
    return choice_.factors[r * terrain_.open.size() + a];
  }

  void fill_moves() {
    for (std::size_t k = 0; k < frame_.placement.boundaries.size(); ++k) {
      if (!frame_.layout.child_block[k]) continue;
      const OperandFacts& operand = terrain_.operands[frame_.placement.boundaries[k].operand];
      for (std::size_t b = 0; b <= *frame_.layout.child_block[k]; ++b) {
        for (std::size_t r = 0; r < group_.ranks.size(); ++r) {
          if (trips(r, b) > 1 && operand.relevance[group_.ranks[r]] != Relevance::none) {
            candidate_->moves[k] = static_cast<std::uint8_t>(b);
          }
        }
      }
    }
  }

  /// Π trips of the blocks further in.
  void fill_inner() {
    for (std::size_t r = 0; r < group_.ranks.size(); ++r) {
      std::int64_t product = 1;
      for (std::size_t b = blocks_; b-- > 0;) {
        inner_[r * blocks_ + b] = product;
        product *= trips(r, b);
      }
    }
  }

  /// Chunks of the group's ranks below the temporal loops of blocks ≤ `block` and spatial loops on
  /// axes of `own`.
  void chunks(std::size_t block, std::uint64_t own) {
    for (std::size_t r = 0; r < group_.ranks.size(); ++r) {
      std::int64_t tile = inner_[r * blocks_ + block];
      for (std::size_t a = 0; a < terrain_.open.size(); ++a) {
        if ((own >> a & 1) == 0) tile *= spread(r, a);
      }
      tiles_[r] = tile;
    }
  }

  std::size_t place(std::size_t rank) const {
    return static_cast<std::size_t>(std::ranges::find(group_.ranks, rank) - group_.ranks.begin());
  }

  bool in_group(const GeneralAxis& axis) const {
    return terrain_.group_of[axis.ranks[0]] == number_;
  }

  std::span<const std::int64_t> axis_tiles(const GeneralAxis& axis) {
    axis_tiles_.clear();
    for (const std::size_t rank : axis.ranks) axis_tiles_.push_back(tiles_[place(rank)]);
    return axis_tiles_;
  }

  bool fill_boxes() {
    const std::vector<PlacedStore>& stores = frame_.skeleton.stores;
    candidate_->boxes.assign(stores.size(), 1.0);
    for (std::size_t s = 0; s < stores.size(); ++s) {
      const OperandFacts& operand = terrain_.operands[stores[s].operand];
      chunks(s, terrain_.memories[index(stores[s].memory)].own);
      double& box = candidate_->boxes[s];
      for (std::size_t r = 0; r < group_.ranks.size(); ++r) {
        if (operand.relevance[group_.ranks[r]] == Relevance::simple) {
          box *= static_cast<double>(tiles_[r]);
        }
      }
      for (const std::size_t a : operand.axes) {
        const GeneralAxis& axis = terrain_.axes[a];
        if (in_group(axis)) box *= frame_.tables[a].boxes(axis_tiles(axis)).largest;
      }
      const double bits = std::min(operand.bits, operand.partial_bits) * box;
      if (bits > terrain_.memories[index(stores[s].memory)].capacity) return false;
    }
    return true;
  }

  void fill_quantity(const Quantity& quantity) {
    const Boundary& boundary = frame_.placement.boundaries[quantity.boundary];
    const OperandFacts& operand = terrain_.operands[boundary.operand];
    const std::optional<std::size_t> child = frame_.layout.child_block[quantity.boundary];
    const std::size_t last = child ? *child : blocks_ - 1;
    double standing = 1;  // Π over the general axes of this group, nothing kept
    for (const std::size_t a : operand.axes) {
      if (in_group(terrain_.axes[a])) {
        standing *= total(a, boundary, last, quantity.each, std::nullopt);
      }
    }
    const std::size_t own = candidate_->moves[quantity.boundary];
    for (std::size_t v = 0; v < quantity.variants; ++v) {
      const bool slides = child && !frame_.layout.sliding[quantity.boundary].empty() &&
                          frame_.layout.sliding[quantity.boundary][v] == number_;
      const std::size_t base = quantity.offset + v * quantity.blocks;
      double visits = 1;  // trips of ranks the operand lacks in the blocks outside
      for (std::size_t c = 0; c < quantity.blocks; ++c) {
        // In company the innermost block that moves the box is this candidate's own or one further
        // in: columns of blocks further out repeat the own one.
        if (c >= own) {
          const bool moves = slides && c == own && c <= last;
          const Range boxes = moves ? slid(quantity, boundary, operand, c, last, standing)
                                    : Range{standing, standing};
          for (std::size_t to = c == own ? 0 : c; to <= c; ++to) {
            candidate_->least[base + to] = visits * boxes.least;
            candidate_->most[base + to] = visits * boxes.most;
          }
        }
        if (!child) break;
        for (std::size_t r = 0; r < group_.ranks.size() && c <= last; ++r) {
          if (operand.relevance[group_.ranks[r]] == Relevance::none) {
            visits *= static_cast<double>(trips(r, c));
          }
        }
      }
    }
  }

  struct Range {
    double least = 0;
    double most = 0;
  };

  /// The least that enters if the innermost loop that moves the box is one of this group's in
  /// block `c`.
  Range slid(const Quantity& quantity, const Boundary& boundary, const OperandFacts& operand,
             std::size_t c, std::size_t last, double standing) {
    Range best{standing, standing};
    for (const std::size_t a : operand.axes) {
      const GeneralAxis& axis = terrain_.axes[a];
      if (!in_group(axis)) continue;
      const double still = total(a, boundary, last, quantity.each, std::nullopt);
      if (still == 0) continue;
      for (std::size_t i = 0; i < axis.ranks.size(); ++i) {
        const std::size_t r = place(axis.ranks[i]);
        if (trips(r, c) == 1) continue;
        const double moved = still - total(a, boundary, last, quantity.each, Slide{i, c});
        best.most = std::min(best.most, standing / still * moved);
        const double restarts = restart_savings(a, boundary, i, c, last);
        // All that is used enters in every visit but for what one box can keep from the last one.
        double least = std::max(0.0, moved - restarts);
        if (!grouped(axis, boundary)) {
          chunks(last, boundary.own);
          const std::int64_t length = frame_.tables[a].length(axis_tiles(axis));
          least = std::max(least, std::min(moved, axis.used) - static_cast<double>(length));
        }
        best.least = std::min(best.least, standing / still * least);
      }
    }
    return best;
  }

  struct Slide {
    std::size_t rank = 0;  ///< place on the axis
    std::size_t block = 0;
  };

  bool grouped(const GeneralAxis& axis, const Boundary& boundary) const {
    for (const std::size_t rank : axis.ranks) {
      for (std::size_t a = 0; a < terrain_.open.size(); ++a) {
        if ((boundary.shared >> a & 1) != 0 && spread(place(rank), a) > 1) return true;
      }
    }
    return false;
  }

  /// Elements along one general axis over all states; with `slide`, those kept when that loop
  /// moves.
  double total(std::size_t a, const Boundary& boundary, std::size_t last, bool each,
               std::optional<Slide> slide) {
    const GeneralAxis& axis = terrain_.axes[a];
    AxisTable& table = frame_.tables[a];
    if (each || !grouped(axis, boundary)) {
      chunks(last, boundary.own);
      const std::span<const std::int64_t> tiles = axis_tiles(axis);
      if (!slide) return table.boxes(tiles).total;
      const std::size_t r = place(axis.ranks[slide->rank]);
      return table.kept(tiles, slide->rank, step(r, slide->block, boundary.own),
                        trips(r, slide->block));
    }
    list_loops(axis, boundary, last, slide);
    return slide ? table.united_kept(loops_) : table.united(loops_);
  }

  /// Tile of rank r's loop in block c.
  std::int64_t step(std::size_t r, std::size_t c, std::uint64_t own) const {
    std::int64_t tile = terrain_.extents[group_.ranks[r]];
    for (std::size_t b = 0; b <= c; ++b) {
      tile /= trips(r, b);
      if (b == c) break;
      for (std::size_t a = 0; a < terrain_.open.size(); ++a) {
        if (frame_.skeleton.block_of_axis[a] == b && (own >> a & 1) != 0) tile /= spread(r, a);
      }
    }
    return tile;
  }

  /// The loops over the axis's ranks above the child, rank by rank; the sliding one last.
  void list_loops(const GeneralAxis& axis, const Boundary& boundary, std::size_t last,
                  std::optional<Slide> slide) {
    loops_.clear();
    for (std::size_t turn = 0; turn < axis.ranks.size(); ++turn) {
      const std::size_t i = slide ? (slide->rank + 1 + turn) % axis.ranks.size() : turn;
      const std::size_t r = place(axis.ranks[i]);
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
          if (spread(r, x) == 1) continue;
          const bool shared = (boundary.shared >> x & 1) != 0;
          loops_.push_back({i, spread(r, x),
                            shared ? cost::LinkKind::grouped : cost::LinkKind::separate});
          merges = false;
        }
      }
    }
  }

  /// An upper bound on what other loops can save when they move and the sliding loop falls back:
  /// once per run of it, along this axis. docs/exact_mapper.md (S3)
  double restart_savings(std::size_t a, const Boundary& boundary, std::size_t i, std::size_t c,
                         std::size_t last) {
    const GeneralAxis& axis = terrain_.axes[a];
    const std::size_t r = place(axis.ranks[i]);
    bool others_move = false;
    bool moves_further_out = false;
    for (std::size_t k = 0; k < axis.ranks.size(); ++k) {
      for (std::size_t b = 0; b <= last; ++b) {
        if (trips(place(axis.ranks[k]), b) == 1) continue;
        if (k != i) others_move = true;
        if (k == i && b < c) moves_further_out = true;
      }
    }
    chunks(last, boundary.own);
    const std::span<const std::int64_t> tiles = axis_tiles(axis);
    const std::int64_t length = frame_.tables[a].length(tiles);
    const std::int64_t shift = axis.coefficients[i] * step(r, c, boundary.own);
    std::int64_t shared = length;
    if (!others_move) shared = length - shift * (moves_further_out ? 1 : trips(r, c) - 1);
    if (shared <= 0) return 0;
    double runs = static_cast<double>(shared) / static_cast<double>(trips(r, c));
    for (const std::size_t rank : axis.ranks) {
      runs *= static_cast<double>(terrain_.extents[rank] / tiles_[place(rank)]);
    }
    return runs;
  }

  const Frame& frame_;
  const Terrain& terrain_;
  std::size_t number_;
  const Group& group_;
  const SpatialChoice& choice_;
  std::size_t blocks_;
  std::vector<std::int64_t> tiles_;       ///< by rank of the group
  std::vector<std::int64_t> inner_;       ///< [rank of the group · blocks + block]
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
