#include "tileloom/mapper/exact/product/ragged_floor.hpp"

#include <algorithm>

#include "tileloom/mapper/exact/product/node.hpp"
#include "tileloom/mapper/exact/product/phase_bound.hpp"
#include "tileloom/mapper/exact/product/spread_rules.hpp"
#include "tileloom/mapper/exact/product/spread_tree.hpp"
#include "tileloom/mapper/exact/product/temporal.hpp"

namespace tileloom::mapper::product {
namespace {

/// Groups with more choices are not covered: the tables would grow beyond what the bound is worth.
constexpr std::int64_t kMostChoices = 32'768;

/// So many promising choices are told, and so many of one placement: bounds of different placements
/// are wrong in different ways.
constexpr std::size_t kPromising = 8;
constexpr std::size_t kPromisingOfPlacement = 3;
/// What looking for these may take beside the budget.
constexpr std::int64_t kShareOfPromising = 8;

/// Ways to give every rank from `first` on a number of positions, at most `room` together.
std::int64_t spreads(const Terrain& terrain, const Group& group, std::size_t first,
                     std::int64_t room) {
  if (first == group.ranks.size()) return 1;
  const std::int64_t most = std::min(room, terrain.extents[group.ranks[first]]);
  if (first + 1 == group.ranks.size()) return most;
  std::int64_t all = 0;
  for (std::int64_t positions = 1; positions <= most; ++positions) {
    all += spreads(terrain, group, first + 1, room / positions);
  }
  return all;
}

/// At least the imperfect choices of a group.
std::int64_t choices_of(const Terrain& terrain, const Group& group) {
  std::int64_t all = 1;
  for (const OpenAxis& axis : terrain.open) {
    all *= spreads(terrain, group, 0, axis.size);
    if (all > kMostChoices) break;
  }
  return all;
}

class FloorSearch {
 public:
  FloorSearch(const Terrain& terrain, const cost::Objective& objective, const Budget& budget,
              const cost::Score& known)
      : terrain_(terrain) {
    record_.objective = objective;
    record_.budget = &budget;
    record_.score = known;
    record_.work_limit = budget.evaluations * 8;
    for (const Group& group : terrain.groups) {
      choices_.push_back(spatial_choices(terrain, group, Factors::imperfect));
    }
    for (std::vector<std::uint32_t>& keeps : placements(*terrain.space)) {
      placements_.push_back(make_placement(terrain, std::move(keeps)));
    }
    table_ = make_boundary_table(terrain, choices_, placements_);
    for (const Placement& placement : placements_) {
      bounds_.emplace_back(terrain, table_, placement);
    }
    tree_.emplace(terrain, choices_, table_);
  }

  RaggedFloor run() {
    for (std::size_t p = 0; p < placements_.size(); ++p) {
      Node root;
      root.placement = static_cast<std::uint32_t>(p);
      root.bound = score_of(record_.objective, tree_->root(bounds_[p]));
      push(root);
    }
    RaggedFloor floor;
    floor.lower_bound = *record_.score;
    while (!queue_.empty()) {
      const Node node = queue_.top();
      if (node.depth > tree_->depth() || record_.exhausted()) {
        floor.lower_bound = node.bound;
        break;
      }
      queue_.pop();
      if (node.depth < tree_->depth()) {
        branch(node);
      } else {
        settle(node);
      }
    }
    floor.reached = queue_.empty();
    if (!floor.reached) floor.promising = promising();
    floor.evaluations = (record_.work + 7) / 8;
    return floor;
  }

 private:
  void push(Node node) {
    if (record_.settled(node.bound)) return;
    node.number = numbers_++;
    node.urgency = record_.urgency(node.bound);
    queue_.push(node);
  }

  void branch(const Node& node) {
    tree_->recall(node);
    tree_->for_each_choice(node, bounds_[node.placement],
                           [&](std::size_t choice, const Bounds& bounds) {
                             ++bounded_;
                             const cost::Score least =
                                 std::max(node.bound, score_of(record_.objective, bounds));
                             if (record_.settled(least)) return;
                             Node next = tree_->child(node, choice);
                             next.bound = least;
                             push(next);
                           });
    record_.work += 1 + bounded_ / kBoundsOfWork;
    bounded_ %= kBoundsOfWork;
  }

  /// A complete node comes back with its tighter bound, one level deeper.
  void settle(const Node& node) {
    tree_->recall(node);
    std::vector<const SpatialChoice*> choices;
    double reductions = 1;
    for (std::size_t g = 0; g < choices_.size(); ++g) {
      const std::size_t choice = tree_->chosen()[g];
      choices.push_back(&choices_[g][choice]);
      reductions *= table_.row(g, choice)[table_.reductions()];
    }
    const Placement& placement = placements_[node.placement];
    if (!legal_spread(terrain_, placement, choices)) return;
    record_.work += 8;
    const Bounds bounds = phase_bound(terrain_, placement, choices, reductions);
    Node tighter = node;
    ++tighter.depth;
    tighter.bound = std::max(node.bound, score_of(record_.objective, bounds));
    push(tighter);
  }

  /// The first complete nodes that come out, not too many of one placement.
  std::vector<std::vector<PathNode>> promising() {
    std::vector<std::vector<PathNode>> paths;
    std::vector<std::size_t> of_placement(placements_.size(), 0);
    record_.work_limit += record_.work_limit / kShareOfPromising;
    while (!queue_.empty() && paths.size() < kPromising && !record_.exhausted()) {
      const Node node = queue_.top();
      queue_.pop();
      if (node.depth < tree_->depth()) {
        branch(node);
      } else if (node.depth == tree_->depth()) {
        settle(node);
      } else if (of_placement[node.placement]++ < kPromisingOfPlacement) {
        paths.push_back(plain_path(node));
      }
    }
    return paths;
  }

  /// Loops over time outermost, Stores of a memory together.
  std::vector<PathNode> plain_path(Node node) {
    --node.depth;  // `settle` added one
    tree_->recall(node);
    const MapSpace& space = *terrain_.space;
    const Placement& placement = placements_[node.placement];
    std::vector<PathNode> path;
    const auto add_stores = [&](std::size_t memory, bool homes) {
      for (std::size_t i = 0; i < space.residents.size(); ++i) {
        const Resident& resident = space.residents[i];
        const bool home = index(resident.home) == memory;
        if (home != homes || (placement.keeps[i] >> memory & 1) == 0) continue;
        path.push_back(Store{resident.tensor, static_cast<MemoryId>(memory)});
      }
    };
    const std::size_t memories = space.arch->memories.size();
    for (std::size_t m = 0; m < memories; ++m) add_stores(m, true);
    std::vector<std::int64_t> tiles = terrain_.extents;
    const auto add_loop = [&](std::size_t rank, std::int64_t tile, std::optional<AxisId> axis) {
      if (tile >= tiles[rank]) return;
      tiles[rank] = tile;
      path.push_back(Loop{space.id, static_cast<RankId>(rank), tile, axis});
    };
    for (std::size_t r = 0; r < terrain_.extents.size(); ++r) {
      add_loop(r, positions_from(0, r), std::nullopt);
    }
    std::size_t axis = 0;
    for (std::size_t m = 0; m <= memories; ++m) {
      for (; axis < terrain_.open.size(); ++axis) {
        if (m < memories && space.arch->axes[terrain_.open[axis].id].below > m) break;
        for (std::size_t r = 0; r < terrain_.extents.size(); ++r) {
          add_loop(r, positions_from(axis + 1, r), terrain_.open[axis].id);
        }
      }
      if (m < memories) add_stores(m, false);
    }
    return path;
  }

  /// Over how many positions a rank is spread on this axis and those further in, by the choices
  /// recalled.
  std::int64_t positions_from(std::size_t axis, std::size_t rank) const {
    const std::size_t group = terrain_.group_of[rank];
    if (group == SIZE_MAX) return 1;
    const SpatialChoice& choice = choices_[group][tree_->chosen()[group]];
    std::int64_t product = 1;
    for (; axis < terrain_.open.size(); ++axis) {
      product *= choice.positions(terrain_.groups[group].place_of(rank), axis);
    }
    return product;
  }

  /// Bounds of one choice that take as long as an eighth of an evaluation.
  static constexpr std::int64_t kBoundsOfWork = 2;

  const Terrain& terrain_;
  Record record_;
  Choices choices_;
  std::vector<Placement> placements_;
  BoundaryTable table_;
  std::vector<PlacementBound> bounds_;  ///< by placement
  std::optional<SpreadTree> tree_;
  Queue queue_;
  std::int64_t numbers_ = 0;
  std::int64_t bounded_ = 0;
};

}  // namespace

RaggedFloor ragged_floor(const Terrain& terrain, const cost::Objective& objective,
                         const Budget& budget, const cost::Score& known) {
  const bool covered = std::ranges::all_of(terrain.groups, [&](const Group& group) {
    return choices_of(terrain, group) <= kMostChoices;
  });
  if (!covered) return {};
  return FloorSearch(terrain, objective, budget, known).run();
}

bool reaches(const cost::Score& score, const RaggedFloor& floor, const cost::Objective& objective) {
  Record record;
  record.objective = objective;
  record.score = score;
  return record.settled(floor.lower_bound);
}

}  // namespace tileloom::mapper::product
