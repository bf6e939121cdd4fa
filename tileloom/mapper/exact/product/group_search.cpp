#include <algorithm>
#include <cmath>
#include <numeric>

#include "tileloom/mapper/exact/product/order_bound.hpp"
#include "tileloom/mapper/exact/product/temporal.hpp"

namespace tileloom::mapper::product {
namespace {

/// Candidates of a group that others are compared with to see whether they are dominated.
constexpr std::size_t kRanked = 32;

class GroupSearch {
 public:
  GroupSearch(const Frame& frame, const Combination& combination, const BoundsOf& bounds_of,
              const Leaf& leaf, Record& record)
      : frame_(frame),
        list_of_(combination.list),
        scale_(combination.scale),
        floor_(combination.floor),
        bounds_of_(bounds_of),
        leaf_(leaf),
        record_(record),
        order_(combination.order),
        ranked_(order_.size()),
        chosen_(order_.size()) {
    const std::size_t columns = frame.layout.columns;
    const std::size_t stores = frame.skeleton.stores.size();
    levels_.resize(order_.size() + 1);
    for (Level& level : levels_) {
      level.columns.assign(columns, 1.0);
      level.rest.assign(columns, 1.0);
      level.boxes.assign(stores, 1.0);
      level.boxes_rest.assign(stores, 1.0);
      level.moves.assign(frame.placement.boundaries.size(), 0);
    }
    levels_[0].boxes = combination.scale;
    levels_[0].reduces_from = static_cast<std::uint32_t>(frame.skeleton.blocks());
    for (std::size_t g = 0; g < order_.size(); ++g) {
      const CandidateList* list = combination.made(g);
      known_.push_back(list == nullptr ? before_listing(frame, g)
                                       : Known{list->least, list->boxes});
    }
    quantities_.resize(frame.layout.quantities.size());
    find_capacities();
  }

  bool run() {
    for (const std::size_t g : order_) {
      if (hopeless()) return true;
      const CandidateList* list = list_of_(g);
      if (list == nullptr) return false;
      known_[g] = {list->least, list->boxes};
      rank(g, *list);
      if (ranked_[g].empty()) return true;
    }
    order_groups();
    build_stairs();
    choose(0);
    return complete_;
  }

 private:
  /// Products over the groups chosen so far, and over the least of the others.
  struct Level {
    std::vector<double> columns;
    std::vector<double> rest;
    std::vector<double> boxes;
    std::vector<double> boxes_rest;
    std::vector<std::uint8_t> moves;
    std::uint32_t reduces_from = 0;
  };
  struct Bucket {
    double capacity = 0;
    std::vector<std::size_t> stores;
  };

  /// The least of a group's columns and boxes as far as known.
  struct Known {
    std::vector<double> columns;
    std::vector<double> boxes;
  };

  /// Whatever its loops: every used index of the group's general axes counts once, unless boxes
  /// slide.
  static Known before_listing(const Frame& frame, std::size_t g) {
    Known known{std::vector<double>(frame.layout.columns, 1.0),
                std::vector<double>(frame.skeleton.stores.size(), 1.0)};
    const Terrain& terrain = frame.terrain;
    const std::vector<std::size_t>& own = terrain.groups[g].axes;
    if (own.empty()) return known;
    std::ranges::fill(known.boxes, 0.0);
    for (const Quantity& quantity : frame.layout.quantities) {
      double used = 1;
      const std::size_t operand = frame.placement.boundaries[quantity.boundary].operand;
      for (const std::size_t a : terrain.operands[operand].axes) {
        if (std::ranges::find(own, a) != own.end()) used *= terrain.axes[a].used;
      }
      const std::vector<std::size_t>& sliding = frame.layout.sliding[quantity.boundary];
      for (std::size_t v = 0; v < quantity.variants; ++v) {
        const bool slides = v < sliding.size() && sliding[v] == g && quantity.blocks > 1;
        const auto first = known.columns.begin() +
                           static_cast<std::ptrdiff_t>(quantity.offset + v * quantity.blocks);
        std::fill_n(first, quantity.blocks, slides ? 0.0 : used);
      }
    }
    return known;
  }

  /// The product of what is known of all groups but `without`, in `level.rest`.
  void multiply_known(Level& level, std::size_t without) const {
    std::ranges::fill(level.rest, 1.0);
    std::ranges::fill(level.boxes_rest, 1.0);
    for (std::size_t g = 0; g < known_.size(); ++g) {
      if (g != without) multiply(level, known_[g]);
    }
  }

  static void multiply(Level& level, const Known& by) {
    for (std::size_t c = 0; c < level.rest.size(); ++c) level.rest[c] *= by.columns[c];
    for (std::size_t s = 0; s < level.boxes_rest.size(); ++s) level.boxes_rest[s] *= by.boxes[s];
  }

  /// True if the least of all groups does not improve on the record.
  bool hopeless() {
    multiply_known(levels_[0], SIZE_MAX);
    return record_.settled(bound_at(levels_[0]));
  }

  /// Leaves out candidates that cannot improve even with the least known of all other groups; the
  /// most promising come first.
  void rank(std::size_t g, const CandidateList& list) {
    Level& alone = levels_.back();
    multiply_known(alone, g);
    std::vector<std::pair<cost::Score, const Candidate*>> kept;
    for (const Candidate& candidate : list.items) {
      record_.work += kWorkOfNode;
      for (std::size_t s = 0; s < alone.boxes.size(); ++s) {
        alone.boxes[s] = scale_[s] * candidate.boxes[s];
      }
      alone.reduces_from = std::min(levels_[0].reduces_from, candidate.reduces_from);
      if (!fits(alone)) continue;
      const cost::Score bound =
          bound_at(candidate.least, alone.rest, candidate.moves, unfinished(alone));
      if (!record_.settled(bound)) kept.emplace_back(bound, &candidate);
    }
    std::ranges::stable_sort(kept, {}, &std::pair<cost::Score, const Candidate*>::first);
    std::vector<const Candidate*>& ranked = ranked_[g];
    for (const auto& entry : kept) {
      const Candidate& candidate = *entry.second;
      const auto strong = std::span(ranked).first(std::min(ranked.size(), kRanked));
      const bool dominated = std::ranges::any_of(
          strong, [&](const Candidate* better) { return dominates(list, *better, candidate); });
      if (!dominated) ranked.push_back(&candidate);
    }
    learn(g);
  }

  /// The least over the group's candidates that are left.
  void learn(std::size_t g) {
    Known& known = known_[g];
    std::ranges::fill(known.columns, INFINITY);
    std::ranges::fill(known.boxes, INFINITY);
    for (const Candidate* candidate : ranked_[g]) {
      for (std::size_t c = 0; c < known.columns.size(); ++c) {
        known.columns[c] = std::min(known.columns[c], candidate->least[c]);
      }
      for (std::size_t s = 0; s < known.boxes.size(); ++s) {
        known.boxes[s] = std::min(known.boxes[s], candidate->boxes[s]);
      }
    }
  }

  /// Few candidates first, and the least of all groups further on.
  void order_groups() {
    std::ranges::stable_sort(order_, {}, [&](std::size_t g) { return ranked_[g].size(); });
    Level& last = levels_.back();
    std::ranges::fill(last.rest, 1.0);
    std::ranges::fill(last.boxes_rest, 1.0);
    for (std::size_t d = order_.size(); d-- > 0;) {
      levels_[d].rest = levels_[d + 1].rest;
      levels_[d].boxes_rest = levels_[d + 1].boxes_rest;
      multiply(levels_[d], known_[order_[d]]);
    }
  }

  /// For the group chosen last: by Store in a finite memory, its candidates' box sizes ascending
  /// and the least of every column over the candidates with boxes up to each.
  struct Staircase {
    std::size_t store = 0;
    std::size_t bucket = 0;
    std::vector<double> boxes;
    std::vector<std::vector<double>> least;
  };

  void build_stairs() {
    if (order_.empty()) return;
    const std::vector<const Candidate*>& last = ranked_[order_.back()];
    for (std::size_t b = 0; b < buckets_.size(); ++b) {
      for (const std::size_t s : buckets_[b].stores) {
        std::vector<const Candidate*> sorted = last;
        std::ranges::stable_sort(sorted, {}, [&](const Candidate* c) { return c->boxes[s]; });
        Staircase stairs{s, b, {}, {}};
        for (const Candidate* candidate : sorted) {
          if (stairs.boxes.empty() || candidate->boxes[s] > stairs.boxes.back()) {
            stairs.boxes.push_back(candidate->boxes[s]);
            stairs.least.push_back(stairs.least.empty()
                                       ? std::vector<double>(candidate->least.size(), INFINITY)
                                       : stairs.least.back());
          }
          std::vector<double>& least = stairs.least.back();
          for (std::size_t c = 0; c < least.size(); ++c) {
            least[c] = std::min(least[c], candidate->least[c]);
          }
        }
        if (stairs.boxes.size() > 1) stairs_.push_back(std::move(stairs));
      }
    }
  }

  /// Before the last group: the least of its columns over candidates whose boxes still fit.
  bool tighten(Level& level) {
    const std::size_t first_partial = unfinished(level);
    for (const Staircase& stairs : stairs_) {
      const Bucket& bucket = buckets_[stairs.bucket];
      double room = bucket.capacity;
      double width = 0;
      for (const std::size_t s : bucket.stores) {
        if (s == stairs.store) {
          width = width_in(s, first_partial) * level.boxes[s];
        } else {
          room -= width_in(s, first_partial) * level.boxes[s] * level.boxes_rest[s];
        }
      }
      const double limit = room / width;
      const auto above = std::ranges::upper_bound(stairs.boxes, limit);
      if (above == stairs.boxes.begin()) return false;
      if (above == stairs.boxes.end()) continue;
      const std::vector<double>& least =
          stairs.least[static_cast<std::size_t>(above - stairs.boxes.begin()) - 1];
      for (std::size_t c = 0; c < least.size(); ++c) {
        level.rest[c] = std::max(level.rest[c], least[c]);
      }
    }
    return true;
  }

  double width_in(std::size_t s, std::size_t first_partial) const {
    const OperandFacts& operand = frame_.terrain.operands[frame_.skeleton.stores[s].operand];
    if (operand.role == Role::output && nth_[s] >= first_partial) return operand.partial_bits;
    return operand.bits;
  }

  void find_capacities() {
    const std::vector<PlacedStore>& stores = frame_.skeleton.stores;
    for (std::size_t s = 0; s < stores.size(); ++s) nth_.push_back(nth_boundary_below(s));
    std::vector<Bucket> buckets(frame_.terrain.memories.size());
    for (std::size_t s = 0; s < stores.size(); ++s) {
      buckets[index(stores[s].memory)].stores.push_back(s);
    }
    for (std::size_t m = 0; m < buckets.size(); ++m) {
      buckets[m].capacity = frame_.terrain.memories[m].capacity;
      if (!buckets[m].stores.empty() && std::isfinite(buckets[m].capacity)) {
        buckets_.push_back(buckets[m]);
      }
    }
  }

  /// Position among the output's boundaries of the first with partial sums.
  std::size_t unfinished(const Level& level) const {
    return first_unfinished(frame_, level.reduces_from);
  }

  cost::Score bound_at(const Level& level) {
    return bound_at(level.columns, level.rest, level.moves, unfinished(level));
  }

  cost::Score bound_at(std::span<const double> columns, std::span<const double> rest,
                       std::span<const std::uint8_t> moves, std::size_t first_partial) {
    for (std::size_t q = 0; q < quantities_.size(); ++q) {
      const Quantity& quantity = frame_.layout.quantities[q];
      const std::size_t column = quantity.offset + moves[quantity.boundary];
      double least = columns[column] * rest[column];
      for (std::size_t v = 1; v < quantity.variants; ++v) {
        const std::size_t other = column + v * quantity.blocks;
        least = std::min(least, columns[other] * rest[other]);
      }
      quantities_[q] = std::max(least, floor_[q]);
    }
    return score_of(record_.objective, bounds_of_(quantities_, first_partial));
  }

  bool fits(const Level& level) const {
    const std::size_t first_partial = unfinished(level);
    for (const Bucket& bucket : buckets_) {
      double bits = 0;
      for (const std::size_t s : bucket.stores) {
        bits += width_in(s, first_partial) * level.boxes[s] * level.boxes_rest[s];
      }
      if (bits > bucket.capacity) return false;
    }
    return true;
  }

  /// Which of the output's boundaries lies below its Store s.
  std::size_t nth_boundary_below(std::size_t s) const {
    std::size_t nth = 1;
    for (std::optional<std::size_t> p = frame_.skeleton.stores[s].parent; p;
         p = frame_.skeleton.stores[*p].parent) {
      ++nth;
    }
    return nth;
  }

  void choose(std::size_t depth) {
    if (depth == order_.size()) {
      finish();
      return;
    }
    const Level& outer = levels_[depth];
    Level& inner = levels_[depth + 1];
    for (const Candidate* chosen : ranked_[order_[depth]]) {
      const Candidate& candidate = *chosen;
      record_.work += kWorkOfNode;
      if (record_.exhausted()) {
        complete_ = false;
        return;
      }
      for (std::size_t s = 0; s < inner.boxes.size(); ++s) {
        inner.boxes[s] = outer.boxes[s] * candidate.boxes[s];
      }
      inner.reduces_from = std::min(outer.reduces_from, candidate.reduces_from);
      if (!fits(inner)) continue;
      for (std::size_t c = 0; c < inner.columns.size(); ++c) {
        inner.columns[c] = outer.columns[c] * candidate.least[c];
      }
      for (std::size_t k = 0; k < inner.moves.size(); ++k) {
        inner.moves[k] = std::max(outer.moves[k], candidate.moves[k]);
      }
      if (record_.settled(bound_at(inner))) continue;
      if (depth + 2 == order_.size() && !stairs_.empty()) {
        last_rest_ = inner.rest;
        const bool possible = tighten(inner);
        const bool hopeless = !possible || record_.settled(bound_at(inner));
        inner.rest = last_rest_;
        if (hopeless) continue;
      }
      chosen_[order_[depth]] = &candidate;
      choose(depth + 1);
      if (!complete_) return;
    }
  }

  void finish() { complete_ = leaf_(chosen_); }

  const Frame& frame_;
  const ListOf& list_of_;
  std::span<const double> scale_;
  std::span<const double> floor_;
  const BoundsOf& bounds_of_;
  const Leaf& leaf_;
  Record& record_;
  std::vector<std::size_t> order_;
  std::vector<Known> known_;                           ///< by group
  std::vector<std::vector<const Candidate*>> ranked_;  ///< by group: what is left of its list
  std::vector<const Candidate*> chosen_;               ///< by group
  std::vector<Level> levels_;
  std::vector<Bucket> buckets_;
  std::vector<Staircase> stairs_;
  std::vector<double> last_rest_;
  std::vector<std::size_t> nth_;  ///< by store: the output's boundary below it
  std::vector<double> quantities_;
  bool complete_ = true;
};

}  // namespace

bool search_groups(const Frame& frame, const Combination& combination, const BoundsOf& bounds_of,
                   const Leaf& leaf, Record& record) {
  return GroupSearch(frame, combination, bounds_of, leaf, record).run();
}

}  // namespace tileloom::mapper::product
