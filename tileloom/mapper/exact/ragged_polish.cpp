#include "tileloom/mapper/exact/ragged_polish.hpp"

#include <algorithm>

#include "tileloom/cost/evaluator.hpp"
#include "tileloom/loop_tree/path_loops.hpp"
#include "tileloom/loop_tree/path_rules.hpp"
#include "tileloom/support/checked.hpp"

namespace tileloom::mapper {
namespace {

/// A Store, or a loop of so many trips; one of 1 trip is a place where a loop may come to stand.
struct Piece {
  std::optional<Store> store;
  std::size_t rank = 0;
  std::optional<AxisId> axis;
  std::int64_t trips = 1;
};

bool is_loop(const Piece& piece) { return !piece.store; }

/// The path with a place for a temporal loop over every rank at the outside of every block, and for
/// spatial loops over every rank on every axis inside all homes.
class Places {
 public:
  Places(const MapSpace& space, std::span<const PathNode> path) : space_(space) {
    for (const Resident& resident : space.residents) {
      innermost_home_ = std::max(innermost_home_, index(resident.home));
    }
    const std::vector<PathLoop> loops = path_loops(*space.op, path);
    auto next = loops.begin();
    std::size_t homes = space.residents.size();
    for (const PathNode& node : path) {
      if (const Store* store = std::get_if<Store>(&node)) {
        if (homes > 0) {
          --homes;
        } else {
          add_axes(index(store->memory));
        }
        pieces_.push_back({*store, 0, std::nullopt, 1});
        if (homes == 0) add_block();
        continue;
      }
      const PathLoop& at = *next++;
      if (at.loop.axis) add_axes(space.arch->axes[*at.loop.axis].below - 1);
      pieces_.push_back({std::nullopt, index(at.loop.rank), at.loop.axis, at.trips});
    }
    add_axes(SIZE_MAX);
  }
  std::vector<Piece> take() { return std::move(pieces_); }

 private:
  void add_block() {
    for (std::size_t r = 0; r < space_.ranks(); ++r) {
      if (space_.op->ranks[r].extent > 1) pieces_.push_back({std::nullopt, r, std::nullopt, 1});
    }
  }
  /// Places on all axes outside `memory` that have none yet.
  void add_axes(std::size_t memory) {
    for (; next_axis_ < space_.arch->axes.size(); ++next_axis_) {
      const auto axis = static_cast<AxisId>(next_axis_);
      if (space_.arch->axes[axis].below > memory) return;
      if (space_.arch->axes[axis].below <= innermost_home_) continue;
      for (std::size_t r = 0; r < space_.ranks(); ++r) {
        if (space_.op->ranks[r].extent > 1) pieces_.push_back({std::nullopt, r, axis, 1});
      }
    }
  }

  const MapSpace& space_;
  std::vector<Piece> pieces_;
  std::size_t innermost_home_ = 0;
  std::size_t next_axis_ = 0;
};

class Polish {
 public:
  Polish(const MapSpace& space, const cost::Objective& objective, Polished start,
         const Budget& budget)
      : space_(space),
        objective_(objective),
        budget_(budget),
        evaluator_(*space.op, *space.arch),
        best_(std::move(start)) {
    best_.evaluations = 0;
  }

  Polished run() {
    bool improved = true;
    while (improved && !spent()) {
      pieces_ = Places(space_, best_.path).take();
      improved = improve_one_rank() || improve_two_ranks();
    }
    return std::move(best_);
  }

 private:
  bool spent() const { return best_.evaluations >= budget_.evaluations || budget_.stopped(); }

  /// Numbers of trips worth a try at a place.
  std::vector<std::int64_t> choices(const Piece& piece) const {
    const std::int64_t extent = space_.op->ranks[piece.rank].extent;
    std::vector<std::int64_t> all;
    if (piece.axis) {
      const std::int64_t most = std::min(extent, space_.arch->axes[*piece.axis].size);
      for (std::int64_t n = 1; n <= most; ++n) all.push_back(n);
    } else {
      const std::int64_t n = piece.trips;
      for (const std::int64_t one : {std::int64_t{1}, n - 1, n + 1, 2 * n, ceil_div(n, 2), 3 * n}) {
        if (one >= 1 && one <= extent) all.push_back(one);
      }
    }
    std::erase(all, piece.trips);
    return all;
  }

  /// The trips at `place` that its rank needs for the others to reach its extent.
  std::int64_t needed(std::size_t place) const {
    std::int64_t others = 1;
    for (std::size_t i = 0; i < pieces_.size(); ++i) {
      if (i == place || !is_loop(pieces_[i]) || pieces_[i].rank != pieces_[place].rank) continue;
      others *= pieces_[i].trips;
    }
    return ceil_div(space_.op->ranks[pieces_[place].rank].extent, others);
  }

  /// One place changes, another of the same rank makes up for it.
  bool improve_one_rank() {
    bool improved = false;
    for (std::size_t i = 0; i < pieces_.size(); ++i) {
      if (!is_loop(pieces_[i])) continue;
      const std::int64_t before = pieces_[i].trips;
      for (const std::int64_t trips : choices(pieces_[i])) {
        pieces_[i].trips = trips;
        for (std::size_t j = 0; j < pieces_.size() && !spent(); ++j) {
          if (j != i && same_rank(i, j)) improved = refit(j, [&] { return offer(); }) || improved;
        }
      }
      pieces_[i].trips = before;
    }
    return improved;
  }

  /// Two ranks change places on one axis; time makes up for both.
  bool improve_two_ranks() {
    bool improved = false;
    for (std::size_t a = 0; a < pieces_.size(); ++a) {
      for (std::size_t b = 0; b < pieces_.size(); ++b) {
        if (a == b || !is_loop(pieces_[a]) || !is_loop(pieces_[b])) continue;
        if (!pieces_[a].axis || pieces_[a].axis != pieces_[b].axis) continue;
        if (pieces_[a].rank == pieces_[b].rank || pieces_[a].trips == 1) continue;
        improved = exchange(a, b) || improved;
        if (spent()) return improved;
      }
    }
    return improved;
  }

  bool exchange(std::size_t a, std::size_t b) {
    bool improved = false;
    const std::int64_t before_a = pieces_[a].trips;
    const std::int64_t before_b = pieces_[b].trips;
    const std::int64_t most =
        std::min(space_.op->ranks[pieces_[b].rank].extent, space_.arch->axes[*pieces_[b].axis].size);
    for (pieces_[a].trips = before_a - 1; pieces_[a].trips >= 1; --pieces_[a].trips) {
      pieces_[b].trips = 1;
      const std::int64_t room = space_.arch->axes[*pieces_[a].axis].size / used(*pieces_[a].axis);
      pieces_[b].trips = std::min(room, most);
      if (pieces_[b].trips <= before_b) continue;
      for (std::size_t i = 0; i < pieces_.size() && !spent(); ++i) {
        if (!same_rank(a, i) || pieces_[i].axis) continue;
        refit(i, [&] {
          for (std::size_t j = 0; j < pieces_.size(); ++j) {
            if (!same_rank(b, j) || pieces_[j].axis) continue;
            improved = refit(j, [&] { return offer(); }) || improved;
          }
          return improved;
        });
      }
    }
    pieces_[a].trips = before_a;
    pieces_[b].trips = before_b;
    return improved;
  }

  bool same_rank(std::size_t i, std::size_t j) const {
    return is_loop(pieces_[j]) && pieces_[i].rank == pieces_[j].rank;
  }

  /// Does `then` with the trips at `place` that its rank needs.
  template <class Then>
  bool refit(std::size_t place, const Then& then) {
    const std::int64_t before = pieces_[place].trips;
    pieces_[place].trips = needed(place);
    const bool result = then();
    pieces_[place].trips = before;
    return result;
  }

  std::int64_t used(AxisId axis) const {
    std::int64_t product = 1;
    for (const Piece& piece : pieces_) {
      if (piece.axis == axis) product *= piece.trips;
    }
    return product;
  }

  void write() {
    path_.clear();
    std::vector<std::int64_t> outside(space_.ranks(), 1);
    for (const Piece& piece : pieces_) {
      if (piece.store) {
        path_.push_back(*piece.store);
        continue;
      }
      if (piece.trips == 1) continue;
      const std::int64_t extent = space_.op->ranks[piece.rank].extent;
      const std::int64_t chunk = ceil_div(extent, outside[piece.rank]);
      outside[piece.rank] *= piece.trips;
      const std::int64_t tile = ceil_div(extent, outside[piece.rank]);
      if (tile < chunk) {
        path_.push_back(Loop{space_.id, static_cast<RankId>(piece.rank), tile, piece.axis});
      }
    }
  }

  bool allowed() const {
    return space_.constraints->empty() ||
           broken_rules(*space_.constraints, *space_.workload, *space_.arch, space_.id, path_)
               .empty();
  }

  bool offer() {
    for (const AxisId axis : ids<AxisId>(space_.arch->axes.size())) {
      if (used(axis) > space_.arch->axes[axis].size) return false;
    }
    if (spent()) return false;
    write();
    ++best_.evaluations;
    const cost::QuickCost quick = evaluator_(path_);
    if (!quick.fits) return false;
    const cost::Score score =
        cost::score(objective_, Cycles{static_cast<std::int64_t>(quick.cycles)},
                    Picojoules{quick.picojoules});
    if (!(score < best_.score)) return false;
    const CheckedPath checked{*space_.workload, *space_.arch, space_.id, path_};
    if (!broken_rules(checked).empty() || !allowed()) return false;
    best_.score = score;
    best_.path = path_;
    return true;
  }

  const MapSpace& space_;
  cost::Objective objective_;
  const Budget& budget_;
  cost::Evaluator evaluator_;
  Polished best_;
  std::vector<Piece> pieces_;
  std::vector<PathNode> path_;
};

}  // namespace

Polished polish_ragged(const MapSpace& space, const cost::Objective& objective, Polished start,
                       const Budget& budget) {
  return Polish(space, objective, std::move(start), budget).run();
}

}  // namespace tileloom::mapper
