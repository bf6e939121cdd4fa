#include "tileloom/mapper/exact/product/walks.hpp"

#include <algorithm>
#include <cmath>
#include <array>
#include <optional>
#include <set>
#include <utility>

namespace tileloom::mapper::product {
namespace {

/// What it takes to work out what slides, in eighths of an evaluation.
constexpr std::int64_t kWorkOfWindows = 8;

/// Where a walk stands.
struct Place {
  double promise = 0;
  std::size_t block = 0;
  std::uint32_t set = 0;     ///< Stores whose boxes have moved last
  std::size_t shape = 0;     ///< inside
  std::uint64_t turned = 0;  ///< ranks with a loop in the block
  std::size_t plain = 0;     ///< the first span that may have a loop that moves no box last
  std::size_t turns = 0;     ///< how many led here
  Turn turn;                 ///< the last of these
  std::array<double, kMostForms> spent{};
  std::array<double, kMostMoving> boxes{};  ///< by Moving: bits, the least where not known
};

}  // namespace

class WalkSearch::Walks {
 public:
  Walks(ChainBound& chains, std::vector<WalkOrder> orders, WalkLeaf leaf, Record& record)
      : chains_(chains),
        shapes_(chains.shapes()),
        moving_(chains.moving()),
        orders_(std::move(orders)),
        leaf_(std::move(leaf)),
        record_(record),
        done_(orders_.size()),
        values_(chains.problem(), shapes_),
        known_(orders_.size()) {
    for (std::size_t i = 0; i < moving_.size(); ++i) sliding_first_.push_back(i);
    std::ranges::stable_sort(sliding_first_, {},
                             [&](std::size_t i) { return operand_of(i).axes.empty(); });
  }

  bool run(std::vector<bool>& done) {
    const std::size_t widths = chains_.problem().unfinished + 1 - chains_.first_width();
    for (; width_ < widths; ++width_) {
      if (!search_width(chains_.first_width() + width_, done)) return false;
      tables_.reset();
      done_.assign(orders_.size(), false);
    }
    done.assign(orders_.size(), true);
    return true;
  }

 private:
  bool search_width(std::size_t unfinished, const std::vector<bool>& done) {
    chains_.set_width(unfinished);
    if (!tables_) {
      // Tables of one metric tell as much as the score that they would be asked after.
      const cost::Score least = record_.weighs_both() ? chains_.score_there(record_)
                                                      : chains_.floor_there(record_);
      if (record_.settled(least)) return true;
      tables_ = std::make_unique<WalkTables>(chains_, unfinished, record_);
      record_.work += chains_.work();
    }
    Place start;
    start.shape = shapes_.whole();
    for (std::size_t f = 0; f < tables_->size(); ++f) start.spent[f] = tables_->rest(f);
    for (std::size_t i = 0; i < moving_.size(); ++i) start.boxes[i] = box(i, Shapes::kSmallest);
    for (order_ = 0; order_ < orders_.size(); ++order_) {
      if (done[order_] || done_[order_]) continue;
      if (!promises(start)) return true;
      if (!search_order(start)) return false;
      done_[order_] = true;
    }
    return true;
  }

  bool search_order(const Place& start) {
    const WalkOrder& order = orders_[order_];
    store_of_.assign(moving_.size(), 0);
    moving_of_.assign(order.skeleton->stores.size(), 0);
    for (std::size_t i = 0; i < moving_.size(); ++i) {
      store_of_[i] = *order.layout->child_block[moving_[i].boundary];
      moving_of_[store_of_[i]] = i;
    }
    cuts_.assign(order.skeleton->stores.size(), 0);
    turns_.clear();
    values_.follow(order);
    if (moving_.empty()) return finish(start);
    std::vector<Place> first{start};
    move_last(start, 0, 0, first);
    return visit(first);
  }

  /// Class of the last loop: see Moving::values.
  std::size_t kind_of(const Place& place) const {
    if (place.turns == 0) return 0;
    const std::vector<std::size_t>& ranks = chains_.sliding();
    const auto found = std::ranges::find(ranks, place.turn.rank);
    return found == ranks.end() ? 0 : static_cast<std::size_t>(found - ranks.begin()) + 1;
  }

  const OperandFacts& operand_of(std::size_t i) const {
    const ChainProblem& problem = chains_.problem();
    return problem.terrain.operands[problem.placement.boundaries[moving_[i].boundary].operand];
  }

  double box(std::size_t i, std::size_t shape) const {
    return chains_.width(moving_[i]) * moving_[i].elements()[shape];
  }

  bool promises(Place& place) {
    record_.work += kWorkOfNode;
    const std::optional<double> promise =
        tables_->promise(place.spent.data(), tables_->left(place.set, place.shape), record_);
    if (promise) place.promise = *promise;
    return promise.has_value();
  }

  /// The most promising first.
  bool visit(std::vector<Place>& places) {
    std::ranges::stable_sort(places, {}, &Place::promise);
    for (Place& place : places) {
      if (record_.exhausted()) return false;
      if (!promises(place)) continue;
      turns_.resize(place.turns);
      if (place.turns > 0) turns_.back() = place.turn;
      if (!go_on(place)) return false;
    }
    return true;
  }

  /// After a loop over one of `ranks`, or at the top of the path: any Stores whose boxes it moves (at
  /// the top: any), from the `first` on, may be moved by none further in. Those whose boxes it lets
  /// slide come first: of these alone the tables do not know that one loop may move several.
  void move_last(const Place& place, std::uint64_t ranks, std::size_t first,
                 std::vector<Place>& places, bool only_sliding = false) {
    for (std::size_t n = first; n < moving_.size(); ++n) {
      const std::size_t i = sliding_first_[n];
      const bool moves = place.turns == 0 || (moving_[i].ranks & ranks) != 0;
      if ((place.set >> i & 1) != 0 || !moves) continue;
      if ((moving_[i].outer & ~place.set) != 0) continue;
      const bool slides = kind_of(place) > 0 && !operand_of(i).axes.empty();
      if (only_sliding && !slides) continue;
      if (!chains_.sums_are_whole(moving_[i], place.shape)) continue;
      Place next = place;
      next.boxes[i] = box(i, place.shape);
      if (!fits(next, i)) continue;
      next.set |= std::uint32_t{1} << i;
      next.plain = 0;
      next.turn.last = true;
      const bool promising = spend(next, i);
      if (promising) places.push_back(next);
      if (promising || slides) move_last(next, ranks, n + 1, places, !promising);
    }
  }

  bool fits(const Place& place, std::size_t i) const {
    double bits = place.boxes[i];
    for (const std::size_t mate : moving_[i].mates) bits += place.boxes[mate];
    return bits <= moving_[i].room;
  }

  /// Adds what the i-th box costs that the last loop moves last; false if that is too much already
  /// at least.
  bool spend(Place& place, std::size_t i) {
    const Moving& moving = moving_[i];
    const std::array<double, kMostForms> before = place.spent;
    const std::size_t kind = kind_of(place);
    const std::size_t at = chains_.place_in(moving, kind, place.shape, place.turn.trips);
    for (std::size_t n = 0; n < moving.quantities.size(); ++n) {
      if (!tables_->counts(moving.quantities[n])) continue;
      for (std::size_t f = 0; f < tables_->size(); ++f) {
        place.spent[f] +=
            tables_->form(f).factors[moving.quantities[n]] * moving.values(kind, n)[at];
      }
    }
    const bool promising = promises(place);
    const bool counts = std::ranges::any_of(
        moving.quantities, [&](std::size_t q) { return tables_->counts(q); });
    const bool slides = counts && !operand_of(i).axes.empty();
    if (!slides || (kind == 0 && !promising)) return promising;
    place.spent = before;
    record_.work += kWorkOfWindows;
    const auto turns = std::span<const Turn>(turns_).first(place.turns);
    for (std::size_t n = 0; n < moving.quantities.size(); ++n) {
      const std::size_t q = moving.quantities[n];
      if (!tables_->counts(q)) continue;
      const double value = std::max(moving.values(kind, n)[at],
                                    values_.brought(moving, n, turns, place.shape));
      for (std::size_t f = 0; f < tables_->size(); ++f) {
        place.spent[f] += tables_->form(f).factors[q] * value;
      }
    }
    return promises(place);
  }

  /// From a place on: the Store below the block, or another loop in it.
  bool go_on(const Place& place) {
    const WalkOrder& order = orders_[order_];
    const std::size_t block = place.block;
    std::vector<Place> places;
    if ((place.set >> moving_of_[block] & 1) != 0) {
      cuts_[block] = place.shape;
      Place next = place;
      ++next.block;
      next.turned = 0;
      next.plain = 0;
      if (use(next) && !(next.block == moving_of_.size() ? finish(next) : go_on(next))) return false;
      turns_.resize(place.turns);
      if (place.turns > 0) turns_.back() = place.turn;
    }
    if ((order.empty >> block & 1) != 0) return true;
    std::uint64_t still = place.turned;
    for (std::size_t i = 0; i < moving_.size(); ++i) {
      if ((place.set >> i & 1) != 0 && store_of_[i] >= block) still |= moving_[i].ranks;
    }
    turns_.push_back({});
    const std::vector<Shapes::Span>& spans = shapes_.spans();
    for (std::size_t s = 0; s < spans.size(); ++s) {
      const Shapes::Span& span = spans[s];
      if ((still >> span.rank & 1) != 0) continue;
      if ((order.skeleton->holds(span.rank, order.crossed) >> block & 1) == 0) continue;
      const std::size_t digit = span.digit(place.shape);
      const std::int64_t inside = span.divisors[digit];
      for (std::size_t lesser = digit; lesser-- > 0;) {
        if (inside % span.divisors[lesser] != 0) continue;
        Place next = place;
        next.shape -= (digit - lesser) * span.stride;
        next.turned |= std::uint64_t{1} << span.rank;
        next.plain = s + 1;
        next.turn = {span.rank, inside / span.divisors[lesser], block, false};
        ++next.turns;
        const bool promising = promises(next);
        if (!promising && kind_of(next) == 0) continue;
        turns_.back() = next.turn;
        if (s >= place.plain && promising) places.push_back(next);
        move_last(next, std::uint64_t{1} << span.rank, 0, places);
      }
    }
    return visit(places);
  }

  /// Adds what lanes use, where the block that ended tells; false if that is too much.
  bool use(Place& place) {
    bool more = false;
    const auto turns = std::span<const Turn>(turns_).first(place.turns);
    for (const WalkValues::OfLanes& lanes : values_.of_lanes()) {
      const std::size_t known = std::min(lanes.block + 1, moving_of_.size());
      if (place.block != known || !tables_->counts(lanes.quantity)) continue;
      record_.work += kWorkOfWindows;
      const double least = chains_.problem().least[lanes.quantity];
      const double further = values_.used(lanes, turns, place.shape) - least;
      if (further <= 0) continue;
      more = true;
      for (std::size_t f = 0; f < tables_->size(); ++f) {
        place.spent[f] += tables_->form(f).factors[lanes.quantity] * further;
      }
    }
    return !more || promises(place);
  }

  bool finish(const Place& place) {
    const std::size_t blocks = cuts_.size() + 1;
    const bool no_loops = (orders_[order_].empty >> cuts_.size() & 1) != 0;
    if (no_loops && place.shape != Shapes::kSmallest) return true;
    const auto [cuts, fresh] = known_[order_].insert(cuts_);
    if (!fresh) return true;
    const Terrain& terrain = chains_.problem().terrain;
    Trips trips;
    for (const Group& group : terrain.groups) {
      trips.emplace_back(group.ranks.size() * blocks, std::int64_t{1});
    }
    for (const Shapes::Span& span : shapes_.spans()) {
      std::int64_t outside = span.divisors.back();
      for (std::size_t b = 0; b < blocks; ++b) {
        const std::int64_t inside = b + 1 < blocks ? span.divisors[span.digit(cuts_[b])] : 1;
        trips[span.group][span.place * blocks + b] = outside / inside;
        outside = inside;
      }
    }
    if (leaf_(order_, trips)) return true;
    known_[order_].erase(cuts);
    return false;
  }

  ChainBound& chains_;
  const Shapes& shapes_;
  const std::vector<Moving>& moving_;
  std::vector<WalkOrder> orders_;
  WalkLeaf leaf_;
  Record& record_;
  std::vector<std::size_t> sliding_first_;  ///< Moving; those with general axes first
  std::size_t width_ = 0;  ///< ordinal of the width at hand: all before are done
  std::vector<bool> done_;               ///< orders, with this width
  std::unique_ptr<WalkTables> tables_;   ///< of this width
  std::size_t order_ = 0;
  std::vector<std::size_t> store_of_;   ///< by Moving: its place in the order
  std::vector<std::size_t> moving_of_;  ///< by Store
  std::vector<std::size_t> cuts_;       ///< by Store: the shape inside
  std::vector<Turn> turns_;             ///< from the outside in
  WalkValues values_;
  /// By order: cuts that were leaves, whatever the width: a leaf is evaluated in every order of loops.
  std::vector<std::set<std::vector<std::size_t>>> known_;
};

WalkSearch::WalkSearch(ChainBound& chains, std::vector<WalkOrder> orders, WalkLeaf leaf,
                       Record& record)
    : walks_(std::make_unique<Walks>(chains, std::move(orders), std::move(leaf), record)) {}

WalkSearch::~WalkSearch() = default;

bool WalkSearch::run(std::vector<bool>& done) { return walks_->run(done); }

}  // namespace tileloom::mapper::product
