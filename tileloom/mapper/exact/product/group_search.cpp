#include <algorithm>
#include <cmath>
#include <memory>

#include "tileloom/mapper/exact/product/ahead.hpp"
#include "tileloom/mapper/exact/product/order_bound.hpp"
#include "tileloom/mapper/exact/product/temporal.hpp"

namespace tileloom::mapper::product {
namespace {

/// Candidates of a group that others are compared with to see whether they are dominated.
constexpr std::size_t kRanked = 32;
/// Times that the open groups' lists are looked through with what was learnt of one another.
constexpr int kPasses = 4;
/// After a candidate that took this much work (some tenths of a millisecond) the ones next to it are
/// shared among threads; more work is better shared further in, where less is lost if something
/// improves or the budget ends.
constexpr std::int64_t kWorkWorthThreads = 1'000;
constexpr std::int64_t kWorkTooMuchAtOnce = 20'000;

class GroupSearch {
 public:
  GroupSearch(const Frame& frame, const Combination& combination, const BoundsOf& bounds_of,
              const Leaf& leaf, Record& record)
      : frame_(frame),
        combination_(combination),
        bounds_of_(bounds_of),
        leaf_(leaf),
        record_(&record),
        chosen_(combination.order.size()),
        states_(combination.order.size() + 1),
        base_{.columns = std::vector<double>(frame.layout.columns),
              .boxes = std::vector<double>(frame.skeleton.stores.size()),
              .moves = {},
              .reduces_from = 0} {
    State& root = states_[0];
    root.product = nothing_chosen();
    root.product.boxes = combination.scale;
    root.open = combination.order;
    root.left.resize(root.open.size());
    for (std::size_t g = 0; g < root.open.size(); ++g) {
      root.known.push_back(before_listing(g));
      if (const CandidateList* list = combination.made(g)) {
        root.known[g].columns = list->least;
        root.known[g].boxes = list->boxes;
      }
    }
    quantities_.resize(frame.layout.quantities.size());
    whole_ = first_unfinished(frame, root.product.reduces_from + 1);
    const OperandFacts& output = frame.terrain.operands.back();
    widens_ = output.partial_bits >= output.bits;
    find_capacities();
  }

  /// Lists the groups one by one, as long as what is known leaves something to find; then combines.
  bool run() {
    State& root = states_[0];
    for (const std::size_t g : root.open) {
      if (hopeless(root)) return true;
      const CandidateList* list = combination_.list(g);
      if (list == nullptr) return false;
      root.known[g].columns = list->least;
      root.known[g].boxes = list->boxes;
      rank(root, g, *list);
      if (root.left[g].empty()) return true;
    }
    if (root.open.empty()) return leaf_(chosen_, *record_);
    if (narrow(root)) choose(0);
    return complete_;
  }

 private:
  /// Products of columns and boxes, the innermost blocks that move boxes, and where reductions
  /// begin: of some groups, exactly or at least.
  struct Product {
    std::vector<double> columns;
    std::vector<double> boxes;
    std::vector<std::uint8_t> moves;
    std::uint32_t reduces_from = 0;
  };
  /// The candidates chosen of some groups, and what is left of the lists of the open ones.
  struct State {
    Product product;
    std::vector<std::size_t> open;
    std::vector<std::vector<const Candidate*>> left;  ///< by group
    std::vector<Product> known;                       ///< by group: the least of those left
  };
  struct Bucket {
    double capacity = 0;
    std::vector<std::size_t> stores;
  };

  Product nothing_chosen() const {
    return {std::vector<double>(frame_.layout.columns, 1.0),
            std::vector<double>(frame_.skeleton.stores.size(), 1.0),
            std::vector<std::uint8_t>(frame_.placement.boundaries.size(), 0),
            static_cast<std::uint32_t>(frame_.skeleton.blocks())};
  }

  /// The least of any list of the group: every used index of its general axes counts once, unless
  /// boxes slide; reductions over time begin in the last block or before.
  Product before_listing(std::size_t g) const {
    Product known = nothing_chosen();
    if (combination_.reduces[g]) --known.reduces_from;
    const Terrain& terrain = frame_.terrain;
    const std::vector<std::size_t>& own = terrain.groups[g].axes;
    if (own.empty()) return known;
    std::ranges::fill(known.boxes, 0.0);
    for (const Quantity& quantity : frame_.layout.quantities) {
      double used = 1;
      const std::size_t operand = frame_.placement.boundaries[quantity.boundary].operand;
      for (const std::size_t a : terrain.operands[operand].axes) {
        if (std::ranges::find(own, a) != own.end()) used *= terrain.axes[a].used;
      }
      const std::vector<std::size_t>& sliding = frame_.layout.sliding[quantity.boundary];
      for (std::size_t v = 0; v < quantity.variants; ++v) {
        const bool slides = v < sliding.size() && sliding[v] == g && quantity.blocks > 1;
        const auto first = known.columns.begin() +
                           static_cast<std::ptrdiff_t>(quantity.offset + v * quantity.blocks);
        std::fill_n(first, quantity.blocks, slides ? 0.0 : used);
      }
    }
    return known;
  }

  static void multiply(Product& product, const Product& by) {
    for (std::size_t c = 0; c < product.columns.size(); ++c) product.columns[c] *= by.columns[c];
    for (std::size_t s = 0; s < product.boxes.size(); ++s) product.boxes[s] *= by.boxes[s];
    for (std::size_t k = 0; k < product.moves.size(); ++k) {
      product.moves[k] = std::max(product.moves[k], by.moves[k]);
    }
    product.reduces_from = std::min(product.reduces_from, by.reduces_from);
  }

  /// base_ becomes the product of all groups but `without`, as far as known.
  void set_base(const State& state, std::size_t without) {
    base_ = state.product;
    for (const std::size_t g : state.open) {
      if (g != without) multiply(base_, state.known[g]);
    }
  }

  bool hopeless(const State& state) {
    set_base(state, SIZE_MAX);
    return !promise(Candidate{});
  }

  /// The bound of base_ with a candidate of the group left out of it, if it may improve. Wider
  /// partial sums cost no less, so the forms without them bound as well (R6); narrower ones may
  /// begin further out than what is known of the open groups says, so all sums are taken as narrow.
  std::optional<cost::Score> promise(const Candidate& candidate) {
    record_->work += kWorkOfNode;
    const std::uint32_t reduces_from = candidate.least.empty()
                                           ? base_.reduces_from
                                           : std::min(base_.reduces_from, candidate.reduces_from);
    const std::size_t first_partial = widens_ ? first_unfinished(frame_, reduces_from) : 0;
    if (!fits(candidate, first_partial)) return std::nullopt;
    set_quantities(candidate);
    cost::Score bound = score_of(record_->objective, bounds_of_(quantities_, first_partial));
    if (record_->settled(bound)) return std::nullopt;
    if (first_partial == whole_ || !widens_) return bound;
    bound = record_->tighter(bound, score_of(record_->objective, bounds_of_(quantities_, whole_)));
    if (record_->settled(bound)) return std::nullopt;
    return bound;
  }

  /// A candidate without numbers stands for nothing.
  void set_quantities(const Candidate& candidate) {
    const bool nothing = candidate.least.empty();
    for (std::size_t q = 0; q < quantities_.size(); ++q) {
      const Quantity& quantity = frame_.layout.quantities[q];
      std::uint8_t moves = base_.moves[quantity.boundary];
      if (!nothing) moves = std::max(moves, candidate.moves[quantity.boundary]);
      double least = INFINITY;
      for (std::size_t v = 0; v < quantity.variants; ++v) {
        const std::size_t column = quantity.offset + moves + v * quantity.blocks;
        least = std::min(least, base_.columns[column] * (nothing ? 1.0 : candidate.least[column]));
      }
      quantities_[q] = std::max(least, combination_.floor[q]);
    }
  }

  bool fits(const Candidate& candidate, std::size_t first_partial) const {
    for (const Bucket& bucket : buckets_) {
      double bits = 0;
      for (const std::size_t s : bucket.stores) {
        const double box = candidate.boxes.empty() ? 1.0 : candidate.boxes[s];
        bits += width_in(s, first_partial) * base_.boxes[s] * box;
      }
      if (bits > bucket.capacity) return false;
    }
    return true;
  }

  /// Leaves out candidates that cannot improve even with the least known of all other groups or
  /// that others dominate; the most promising come first.
  void rank(State& state, std::size_t g, const CandidateList& list) {
    set_base(state, g);
    std::vector<std::pair<cost::Score, const Candidate*>> kept;
    for (const Candidate& candidate : list.items) {
      const std::optional<cost::Score> bound = promise(candidate);
      if (bound) kept.emplace_back(*bound, &candidate);
    }
    std::ranges::stable_sort(kept, {}, &std::pair<cost::Score, const Candidate*>::first);
    std::vector<const Candidate*>& ranked = state.left[g];
    for (const auto& entry : kept) {
      const Candidate& candidate = *entry.second;
      const auto strong = std::span(ranked).first(std::min(ranked.size(), kRanked));
      const bool dominated = std::ranges::any_of(
          strong, [&](const Candidate* better) { return dominates(list, *better, candidate); });
      if (!dominated) ranked.push_back(&candidate);
    }
    learn(state, g);
  }

  /// The least over the group's candidates that are left.
  static void learn(State& state, std::size_t g) {
    Product& known = state.known[g];
    std::ranges::fill(known.columns, INFINITY);
    std::ranges::fill(known.boxes, INFINITY);
    std::ranges::fill(known.moves, std::uint8_t{255});
    known.reduces_from = 0;
    for (const Candidate* candidate : state.left[g]) {
      for (std::size_t c = 0; c < known.columns.size(); ++c) {
        known.columns[c] = std::min(known.columns[c], candidate->least[c]);
      }
      for (std::size_t s = 0; s < known.boxes.size(); ++s) {
        known.boxes[s] = std::min(known.boxes[s], candidate->boxes[s]);
      }
      for (std::size_t k = 0; k < known.moves.size(); ++k) {
        known.moves[k] = std::min(known.moves[k], candidate->moves[k]);
      }
      known.reduces_from = std::max(known.reduces_from, candidate->reduces_from);
    }
  }

  /// Leaves out what the other open groups leave no room for, again and again; false if that is
  /// everything of a group.
  bool narrow(State& state) {
    for (int pass = 0; pass < kPasses; ++pass) {
      bool fewer = false;
      for (const std::size_t g : state.open) {
        set_base(state, g);
        const std::size_t before = state.left[g].size();
        std::erase_if(state.left[g],
                      [&](const Candidate* candidate) { return !promise(*candidate); });
        if (state.left[g].empty()) return false;
        if (state.left[g].size() == before) continue;
        fewer = true;
        learn(state, g);
      }
      if (!fewer) break;
    }
    return true;
  }

  /// Every candidate of the group with the fewest, most promising first, with what it leaves of the
  /// other groups.
  void choose(std::size_t depth) {
    const State& outer = states_[depth];
    const std::size_t g = *std::ranges::min_element(
        outer.open, {}, [&](std::size_t open) { return outer.left[open].size(); });
    if (outer.open.size() == 1) {
      choose_last(outer, g);
      return;
    }
    const std::vector<const Candidate*>& items = outer.left[g];
    for (std::size_t i = 0; i < items.size(); ++i) {
      if (record_->exhausted()) complete_ = false;
      if (!complete_) return;
      const std::int64_t before = record_->work;
      choose_one(depth, g, *items[i]);
      const std::int64_t work = record_->work - before;
      const bool last = outer.open.size() == 2;
      if (work < kWorkWorthThreads || (work > kWorkTooMuchAtOnce && !last)) continue;
      if (record_->threads == 1 || !complete_) continue;
      choose_ahead(depth, g, std::span(items).subspan(i + 1));
      return;
    }
  }

  void choose_one(std::size_t depth, std::size_t g, const Candidate& candidate) {
    State& inner = states_[depth + 1];
    chosen_[g] = &candidate;
    inner = states_[depth];
    std::erase(inner.open, g);
    times(inner.product, candidate);
    if (inner.open.size() == 1 || narrow(inner)) choose(depth + 1);
  }

  /// The rest of the candidates on all threads.
  void choose_ahead(std::size_t depth, std::size_t g, std::span<const Candidate* const> rest) {
    const MakeSearch make = [&]() -> SearchItem {
      const auto own = std::make_shared<GroupSearch>(*this);
      return [=](std::size_t item, Record& record) {
        own->record_ = &record;
        own->complete_ = true;
        own->choose_one(depth, g, *rest[item]);
        return own->complete_;
      };
    };
    complete_ = search_ahead(rest.size(), make, *record_);
  }

  void choose_last(const State& state, std::size_t g) {
    set_base(state, g);
    for (const Candidate* candidate : state.left[g]) {
      if (record_->exhausted()) complete_ = false;
      if (!complete_) return;
      if (!promise(*candidate)) continue;
      chosen_[g] = candidate;
      complete_ = leaf_(chosen_, *record_);
    }
  }

  static void times(Product& product, const Candidate& candidate) {
    for (std::size_t c = 0; c < product.columns.size(); ++c) {
      product.columns[c] *= candidate.least[c];
    }
    for (std::size_t s = 0; s < product.boxes.size(); ++s) product.boxes[s] *= candidate.boxes[s];
    for (std::size_t k = 0; k < product.moves.size(); ++k) {
      product.moves[k] = std::max(product.moves[k], candidate.moves[k]);
    }
    product.reduces_from = std::min(product.reduces_from, candidate.reduces_from);
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

  /// Which of the output's boundaries lies below its Store s.
  std::size_t nth_boundary_below(std::size_t s) const {
    std::size_t nth = 1;
    for (std::optional<std::size_t> p = frame_.skeleton.stores[s].parent; p;
         p = frame_.skeleton.stores[*p].parent) {
      ++nth;
    }
    return nth;
  }

  const Frame& frame_;
  const Combination& combination_;
  const BoundsOf& bounds_of_;
  const Leaf& leaf_;
  Record* record_;
  std::vector<const Candidate*> chosen_;  ///< by group
  std::vector<State> states_;             ///< by depth
  Product base_;
  std::vector<Bucket> buckets_;
  std::vector<std::size_t> nth_;  ///< by store: the output's boundary below it
  std::vector<double> quantities_;
  std::size_t whole_ = 0;  ///< the output's boundaries: no partial sums
  bool widens_ = true;     ///< partial sums are no narrower than results
  bool complete_ = true;
};

}  // namespace

bool search_groups(const Frame& frame, const Combination& combination, const BoundsOf& bounds_of,
                   const Leaf& leaf, Record& record) {
  return GroupSearch(frame, combination, bounds_of, leaf, record).run();
}

}  // namespace tileloom::mapper::product
