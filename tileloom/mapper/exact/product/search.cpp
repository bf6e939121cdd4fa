#include "tileloom/mapper/exact/product/search.hpp"

#include <algorithm>
#include <cmath>
#include <memory>
#include <numeric>
#include <queue>
#include <tuple>
#include <unordered_map>

#include "tileloom/mapper/exact/product/loose_bound.hpp"
#include "tileloom/mapper/exact/product/mirror.hpp"
#include "tileloom/mapper/exact/product/spread_rules.hpp"
#include "tileloom/mapper/exact/product/temporal.hpp"

namespace tileloom::mapper::product {
namespace {

/// Short searches before the search in the order of bounds, and the work of each.
constexpr int kDives = 3;
constexpr std::size_t kDivePlacements = 8;
constexpr std::int64_t kWorkOfDive = 8'000;
/// Uses of a list of candidates before those dominated by others are dropped from it for good.
constexpr int kUsesBeforeFilter = 12;
/// A search that took this much work asks for an incumbent found another way.
constexpr std::int64_t kWorkBeforeHelp = 400'000;

/// A placement with everything that no spatial choice changes.
struct PlacementState {
  PlacementFacts facts;
  std::vector<Skeleton> skeletons;
  std::vector<Layout> layouts;
};

struct Node {
  cost::Score bound;
  std::size_t placement = 0;
  std::int64_t number = 0;
  std::vector<std::uint32_t> choices;  ///< of the first groups
};

struct Later {
  bool operator()(const Node& a, const Node& b) const {
    if (a.bound != b.bound) return a.bound > b.bound;
    if (a.choices.size() != b.choices.size()) return a.choices.size() < b.choices.size();
    return a.number > b.number;
  }
};

using Queue = std::priority_queue<Node, std::vector<Node>, Later>;

class Search {
 public:
  Search(const Terrain& terrain, const cost::Objective& objective, const Budget& budget,
         const Improve& improve, const OnProgress& on_progress)
      : terrain_(terrain),
        improve_(improve),
        on_progress_(on_progress),
        evaluator_(*terrain.space->op, *terrain.space->arch) {
    record_.objective = objective;
    record_.budget = &budget;
    record_.work_limit = budget.evaluations * 8;
    for (const Group& group : terrain.groups) choices_.push_back(spatial_choices(terrain, group));
    for (std::size_t g = 0; g < terrain.groups.size(); ++g) mirror_.push_back(mirror_of(terrain, g));
    for (const GeneralAxis& axis : terrain.axes) tables_.emplace_back(terrain, axis);
    for (std::vector<std::uint32_t>& keeps : placements(*terrain.space)) {
      add_placement(std::move(keeps));
    }
    by_bound_.resize(roots_.size());
    std::iota(by_bound_.begin(), by_bound_.end(), std::size_t{0});
    std::stable_sort(by_bound_.begin() + 1, by_bound_.end(), [&](std::size_t a, std::size_t b) {
      return roots_[a].bound < roots_[b].bound;
    });
  }

  Found run() {
    start_plainly();
    dive();
    for (Node& root : roots_) push(std::move(root), {}, queue_);
    bool complete = true;
    while (!queue_.empty() && complete) {
      const Node node = queue_.top();
      if (record_.settled(node.bound)) break;
      if (record_.exhausted()) break;
      queue_.pop();
      if (!improved_ && record_.work > kWorkBeforeHelp) take_help();
      current_ = node.bound;
      complete = node.choices.size() < terrain_.groups.size() ? branch(node, queue_) : settle(node);
      report();
    }
    Found found;
    found.proved = complete && (queue_.empty() || record_.settled(queue_.top().bound));
    found.score = record_.score;
    found.path = record_.path;
    if (found.proved && record_.score) {
      found.lower_bound = *record_.score;
    } else {
      found.lower_bound = lower_bound(complete);
    }
    found.evaluations = (record_.work + 7) / 8;
    return found;
  }

 private:
  /// The mapping with the smallest demands fits whenever any does.
  void start_plainly() {
    std::vector<PathNode> path = path_of(*terrain_.space, trivial_point(*terrain_.space));
    const cost::QuickCost quick = evaluator_(path);
    record_.work += 8;
    if (!quick.fits) return;
    record_.score = cost::score(record_.objective, Cycles{static_cast<std::int64_t>(quick.cycles)},
                                Picojoules{quick.picojoules});
    record_.path = std::move(path);
  }

  void take_help() {
    improved_ = true;
    Start start = improve_();
    record_.work += start.evaluations * 8;
    if (start.score && (!record_.score || *start.score < *record_.score)) {
      record_.score = start.score;
      record_.path = std::move(start.path);
    }
  }

  /// Incumbents: short searches of the most promising complete nodes, a few of every placement, for
  /// the bounds of different placements are wrong in different ways; first of the most generous one.
  void dive() {
    const std::int64_t limit = record_.work_limit;
    for (std::size_t p = 0; p < std::min(kDivePlacements, by_bound_.size()); ++p) {
      Queue queue;
      Node root;
      root.placement = by_bound_[p];
      root.bound = bound(root);
      queue.push(root);
      int dives = 0;
      while (!queue.empty() && dives < kDives && record_.work < limit / 4) {
        const Node node = queue.top();
        if (record_.settled(node.bound)) break;
        queue.pop();
        if (node.choices.size() < terrain_.groups.size()) {
          branch(node, queue);
          continue;
        }
        record_.work_limit = std::min(limit, record_.work + kWorkOfDive);
        settle(node);
        record_.work_limit = limit;
        ++dives;
      }
    }
  }

  cost::Score lower_bound(bool complete) const {
    std::optional<cost::Score> least;
    if (!complete) least = current_;
    if (!queue_.empty()) least = least ? std::min(*least, queue_.top().bound) : queue_.top().bound;
    if (record_.score) least = least ? std::min(*least, *record_.score) : *record_.score;
    return least.value_or(cost::Score{});
  }

  void report() const {
    if (on_progress_) on_progress_({record_.score, lower_bound(true), record_.work / 8});
  }

  void add_placement(std::vector<std::uint32_t> keeps) {
    placements_.push_back({make_facts(terrain_, choices_, std::move(keeps)), {}, {}});
    Node node;
    node.placement = placements_.size() - 1;
    node.bound = bound(node);
    roots_.push_back(std::move(node));
  }

  void push(Node node, const cost::Score& at_least, Queue& queue) {
    node.bound = std::max(at_least, bound(node));
    if (record_.settled(node.bound)) return;
    node.number = numbers_++;
    record_.work += 1;
    queue.push(std::move(node));
  }

  bool branch(const Node& node, Queue& queue) {
    const std::size_t group = node.choices.size();
    std::vector<std::int64_t> room = rooms(node);
    for (std::size_t c = 0; c < choices_[group].size(); ++c) {
      // Of two spatial choices that a swap of ranks exchanges only one is searched (R1).
      if (mirror_[group] && c < node.choices[*mirror_[group]]) continue;
      const SpatialChoice& choice = choices_[group][c];
      bool fits = true;
      for (std::size_t a = 0; a < room.size(); ++a) fits = fits && choice.used[a] <= room[a];
      if (!fits) continue;
      Node next;
      next.placement = node.placement;
      next.choices = node.choices;
      next.choices.push_back(static_cast<std::uint32_t>(c));
      push(std::move(next), node.bound, queue);
    }
    return true;
  }

  std::vector<std::int64_t> rooms(const Node& node) const {
    std::vector<std::int64_t> room;
    for (std::size_t a = 0; a < terrain_.open.size(); ++a) {
      std::int64_t left = terrain_.open[a].size;
      for (std::size_t g = 0; g < node.choices.size(); ++g) {
        left /= choices_[g][node.choices[g]].used[a];
      }
      room.push_back(left);
    }
    return room;
  }

  /// Compulsory accesses at every boundary under the choices made, the least of the others.
  cost::Score bound(const Node& node) const {
    const PlacementFacts& facts = placements_[node.placement].facts;
    const std::size_t boundaries = facts.placement.boundaries.size();
    double lanes = 1;
    double steps = 1;
    for (std::size_t g = 0; g < node.choices.size(); ++g) {
      lanes *= choices_[g][node.choices[g]].lanes;
      steps *= choices_[g][node.choices[g]].steps;
    }
    double room = 1;
    for (const std::int64_t left : rooms(node)) room *= static_cast<double>(left);
    Bounds bounds;
    bounds.cycles = std::max(steps, terrain_.points / (lanes * room)) * terrain_.cycles_per_operation;
    bounds.picojoules = terrain_.compute_energy;
    std::vector<double> read(terrain_.memories.size(), 0.0);
    std::vector<double> written(read);
    for (std::size_t k = 0; k < boundaries; ++k) {
      const Boundary& boundary = facts.placement.boundaries[k];
      const OperandFacts& operand = terrain_.operands[boundary.operand];
      Multipliers m{operand.constant, operand.constant, operand.constant};
      for (std::size_t g = 0; g < terrain_.groups.size(); ++g) {
        const Multipliers& of = g < node.choices.size()
                                    ? facts.least[g][node.choices[g] * boundaries + k]
                                    : facts.rest[g][k];
        m.united *= of.united;
        m.all *= of.all;
        m.each *= of.each;
      }
      least_accesses(
          terrain_, boundary, m,
          [&](MemoryId id, double bits_read, double bits_written, bool) {
            const MemoryFacts& memory = terrain_.memories[index(id)];
            bounds.picojoules +=
                bits_read * memory.read_per_bit + bits_written * memory.write_per_bit;
            read[index(id)] += bits_read;
            written[index(id)] += bits_written;
          },
          [&](double energy) { bounds.picojoules += energy; });
    }
    for (std::size_t m = 0; m < terrain_.memories.size(); ++m) {
      const MemoryFacts& memory = terrain_.memories[m];
      const double most = memory.most_instances;
      if (memory.read) bounds.cycles = std::max(bounds.cycles, read[m] / most / *memory.read);
      if (memory.write) bounds.cycles = std::max(bounds.cycles, written[m] / most / *memory.write);
      if (memory.shared) {
        bounds.cycles = std::max(bounds.cycles, (read[m] + written[m]) / most / *memory.shared);
      }
    }
    return score_of(record_.objective, bounds);
  }

  /// Searches the temporal loops of a complete node under every order of its Stores.
  bool settle(const Node& node) {
    PlacementState& state = placements_[node.placement];
    const PlacementFacts& facts = state.facts;
    std::vector<const SpatialChoice*> choices;
    for (std::size_t g = 0; g < node.choices.size(); ++g) {
      choices.push_back(&choices_[g][node.choices[g]]);
    }
    if (!legal_spread(terrain_, facts.placement, choices)) return true;
    if (state.skeletons.empty()) {
      state.skeletons = skeletons(terrain_, facts.placement.keeps);
      for (const Skeleton& skeleton : state.skeletons) {
        state.layouts.push_back(make_layout(terrain_, facts.placement, skeleton));
      }
    }
    for (std::size_t s = 0; s < state.skeletons.size(); ++s) {
      const Frame frame{terrain_, facts.placement, state.skeletons[s], state.layouts[s], tables_};
      const Ledger ledger(terrain_, facts.placement, state.layouts[s], choices);
      if (record_.settled(compulsory(node, facts, state.layouts[s], ledger))) continue;
      const std::uint32_t empty = empty_blocks(terrain_, state.skeletons[s], choices);
      std::vector<const CandidateList*> lists;
      bool possible = true;
      for (std::size_t g = 0; g < choices.size(); ++g) {
        lists.push_back(&list(frame, node, s, g, empty));
        possible = possible && !lists.back()->items.empty();
      }
      if (record_.exhausted()) {
        lists_.clear();  // the last list may lack candidates
        return false;
      }
      if (!possible) continue;
      if (!search_temporal(frame, ledger, lists, choices, evaluator_, record_)) return false;
    }
    return true;
  }

  /// The ledger's forms with every quantity at its least.
  cost::Score compulsory(const Node& node, const PlacementFacts& facts, const Layout& layout,
                         const Ledger& ledger) {
    const std::size_t boundaries = facts.placement.boundaries.size();
    std::vector<double> quantities;
    for (const Quantity& quantity : layout.quantities) {
      double least = 1;
      for (std::size_t g = 0; g < node.choices.size(); ++g) {
        const Boundary& boundary = facts.placement.boundaries[quantity.boundary];
        const SpatialChoice& choice = choices_[g][node.choices[g]];
        const Multipliers with = facts.least[g][node.choices[g] * boundaries + quantity.boundary];
        const Multipliers without =
            multipliers(terrain_, terrain_.groups[g], choice, boundary, /*least=*/false);
        least *= quantity.each ? with.each / without.each : with.united / without.united;
      }
      quantities.push_back(least);
    }
    const std::size_t output = facts.placement.boundaries.size() - facts.placement.first.rbegin()[1];
    return score_of(record_.objective, ledger(quantities, output));
  }

  const CandidateList& list(const Frame& frame, const Node& node, std::size_t skeleton,
                            std::size_t group, std::uint32_t empty) {
    const Key key{node.placement, skeleton, group, node.choices[group], empty};
    const auto [entry, fresh] = lists_.try_emplace(key);
    if (fresh) {
      const LooseBound loose = loose_bound(
          terrain_, placements_[node.placement].facts, frame.layout, group,
          choices_[group][node.choices[group]]);
      std::vector<double> quantities;
      const Hopeless hopeless = [&](const Candidate& candidate) {
        quantities_of(frame.layout, candidate, quantities);
        ++record_.work;
        return record_.exhausted() ||
               record_.settled(score_of(record_.objective, loose(quantities)));
      };
      entry->second = list_candidates(frame, group, choices_[group][node.choices[group]], empty,
                                      hopeless);
    }
    // Lists that are used often are worth a filter of their own.
    if (++entry->second.uses == kUsesBeforeFilter) drop_dominated(entry->second);
    return entry->second;
  }

  using Key = std::tuple<std::size_t, std::size_t, std::size_t, std::uint32_t, std::uint32_t>;
  struct HashKey {
    std::size_t operator()(const Key& key) const {
      std::size_t hash = std::get<0>(key);
      hash = hash * 1000003 + std::get<1>(key);
      hash = hash * 1000003 + std::get<2>(key);
      hash = hash * 1000003 + std::get<3>(key);
      return hash * 1000003 + std::get<4>(key);
    }
  };

  const Terrain& terrain_;
  const Improve& improve_;
  const OnProgress& on_progress_;
  cost::Evaluator evaluator_;
  Record record_;
  std::vector<std::vector<SpatialChoice>> choices_;  ///< by group
  std::vector<std::optional<std::size_t>> mirror_;   ///< by group
  std::vector<AxisTable> tables_;
  std::vector<PlacementState> placements_;
  Queue queue_;
  std::vector<Node> roots_;            ///< one per placement
  std::vector<std::size_t> by_bound_;  ///< placements: the most generous, then by bound
  std::unordered_map<Key, CandidateList, HashKey> lists_;
  std::int64_t numbers_ = 0;
  bool improved_ = false;
  cost::Score current_;
};

}  // namespace

Found search(const Terrain& terrain, const cost::Objective& objective, const Budget& budget,
             const Improve& improve, const OnProgress& on_progress) {
  return Search(terrain, objective, budget, improve, on_progress).run();
}

}  // namespace tileloom::mapper::product
