#include "tileloom/mapper/exact/product/search.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "tileloom/mapper/exact/product/ahead.hpp"
#include "tileloom/mapper/exact/product/choice_search.hpp"
#include "tileloom/mapper/exact/product/joint_bound.hpp"
#include "tileloom/mapper/exact/product/node.hpp"
#include "tileloom/mapper/exact/product/spread_rules.hpp"
#include "tileloom/mapper/exact/product/spread_tree.hpp"
#include "tileloom/mapper/exact/product/unnoticed.hpp"

namespace tileloom::mapper::product {
namespace {

/// Short searches before the search in the order of bounds, and the work of each.
constexpr int kDives = 3;
constexpr std::size_t kDivePlacements = 8;
constexpr std::int64_t kWorkOfDive = 8'000;
/// A search that took this much work, or a quarter of its budget, asks for an incumbent found
/// another way.
constexpr std::int64_t kWorkBeforeHelp = 1'600'000;

Choices all_choices(const Terrain& terrain) {
  Choices choices;
  for (const Group& group : terrain.groups) choices.push_back(spatial_choices(terrain, group));
  return choices;
}

std::vector<Placement> all_placements(const Terrain& terrain) {
  std::vector<Placement> all;
  for (std::vector<std::uint32_t>& keeps : placements(*terrain.space)) {
    all.push_back(make_placement(terrain, std::move(keeps)));
  }
  return all;
}

class Search {
 public:
  Search(const Terrain& terrain, const cost::Objective& objective, const Budget& budget,
         const Improve& improve, const OnProgress& on_progress)
      : terrain_(terrain),
        improve_(improve),
        on_progress_(on_progress),
        choices_(all_choices(terrain)),
        all_(all_placements(terrain)),
        table_(make_boundary_table(terrain, choices_, all_)),
        tree_(terrain, choices_, table_),
        search_choice_(terrain, choices_, table_, tables_,
                       {[this] { take_help(); }, [this] { return help_due(); }}) {
    record_.objective = objective;
    record_.budget = &budget;
    record_.work_limit = budget.evaluations * 8;
    record_.threads = threads_of(budget);
    for (const GeneralAxis& axis : terrain.axes) tables_.emplace_back(terrain, axis);
    add_placements();
    by_bound_.resize(roots_.size());
    std::iota(by_bound_.begin(), by_bound_.end(), std::size_t{0});
    std::stable_sort(by_bound_.begin() + 1, by_bound_.end(), [&](std::size_t a, std::size_t b) {
      return roots_[a].bound < roots_[b].bound;
    });
  }

  Found run() {
    const bool complete = alone([&] { return explore(); });
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

  FrontFound run_front(std::span<const Start> starts) {
    record_.front.emplace();
    improved_ = true;
    for (const Start& start : starts) {
      if (start.score) record_.offer(*start.score, start.path);
    }
    const bool complete = alone([&] { return explore(); });
    FrontFound found;
    found.front = *record_.front;
    if (!complete && !record_.settled(current_)) found.open.push_back(current_);
    for (; !queue_.empty(); queue_.pop()) {
      if (!record_.settled(queue_.top().bound)) found.open.push_back(queue_.top().bound);
    }
    found.evaluations = (record_.work + 7) / 8;
    return found;
  }

 private:
  /// False if the budget ended while a node was searched.
  bool explore() {
    start_plainly();
    dive();
    for (const Node& root : roots_) {
      const Placement& placement = placements_[root.placement].placement;
      if (needs_energy() || !latency_needs_less(terrain_, placement)) push(root, queue_);
    }
    bool complete = true;
    while (!queue_.empty() && complete) {
      const Node node = queue_.top();
      const bool settled = record_.settled(node.bound);
      if (settled && !record_.front) break;
      if (record_.exhausted()) break;
      queue_.pop();
      if (settled) continue;
      take_help();
      current_ = node.bound;
      complete = node.depth < tree_.depth() ? branch(node, queue_, seen_) : settle(node, queue_);
      report();
    }
    return complete;
  }

  /// The mapping with the smallest demands fits whenever any does.
  void start_plainly() {
    std::vector<PathNode> path = path_of(*terrain_.space, trivial_point(*terrain_.space));
    cost::Evaluator evaluator(*terrain_.space->op, *terrain_.space->arch);
    const cost::QuickCost quick = evaluator(path);
    record_.work += 8;
    if (!quick.fits) return;
    record_.offer(cost::score(record_.objective, Cycles{static_cast<std::int64_t>(quick.cycles)},
                              Picojoules{quick.picojoules}),
                  path);
  }

  /// At which work the search will have taken a while.
  std::int64_t help_due() const {
    if (improved_) return INT64_MAX;
    return std::min(kWorkBeforeHelp, record_.budget->evaluations * 8 / 4) + 1;
  }

  /// Once.
  void take_help() {
    if (record_.work < help_due()) return;
    improved_ = true;
    const Start start = improve_({record_.score, record_.path, 0});
    record_.work += start.evaluations * 8;
    if (start.score) record_.offer(*start.score, start.path);
  }

  /// Incumbents: short searches of the most promising complete nodes, a few of every placement, for
  /// the bounds of different placements are wrong in different ways; first of the most generous
  /// one.
  void dive() {
    const std::int64_t limit = record_.work_limit;
    for (std::size_t p = 0; p < std::min(kDivePlacements, by_bound_.size()); ++p) {
      Queue queue;
      SpreadTree::Seen seen;
      queue.push(root_of(by_bound_[p]));
      int dives = 0;
      while (!queue.empty() && dives < kDives && record_.work < limit / 4) {
        const Node node = queue.top();
        if (record_.settled(node.bound)) break;
        queue.pop();
        if (node.depth < tree_.depth()) {
          branch(node, queue, seen);
          continue;
        }
        record_.work_limit = std::min(limit, record_.work + kWorkOfDive);
        const std::size_t waiting = queue.size();
        settle(node, queue);
        record_.work_limit = limit;
        if (queue.size() == waiting) ++dives;
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
    if (!on_progress_) return;
    if (!record_.front) {
      on_progress_({record_.score, lower_bound(true), record_.work / 8});
      return;
    }
    Progress progress{std::nullopt, {}, record_.work / 8};
    for (const Pareto::Point& point : record_.front->points()) {
      const cost::Score edp{record_.urgency(point.score), 0};
      progress.incumbent = progress.incumbent ? std::min(*progress.incumbent, edp) : edp;
    }
    if (progress.incumbent) progress.lower_bound = *progress.incumbent;
    if (!queue_.empty()) {
      progress.lower_bound.first = std::min(progress.lower_bound.first, queue_.top().urgency);
    }
    on_progress_(progress);
  }

  void add_placements() {
    for (Placement& placement : all_) {
      PlacementBound bound(terrain_, table_, placement);
      placements_.push_back({std::move(placement), std::move(bound), {}, {}});
      roots_.push_back(root_of(placements_.size() - 1));
    }
  }

  Node root_of(std::size_t placement) {
    Node root;
    root.placement = static_cast<std::uint32_t>(placement);
    root.bound = score_of(record_.objective, tree_.root(placements_[placement].bound));
    return root;
  }

  bool needs_energy() const {
    const cost::Objective& objective = record_.objective;
    return record_.front || objective.first != cost::Metric::latency || objective.second;
  }

  bool precedes(const cost::Score& a, const cost::Score& b) const {
    return record_.front ? record_.urgency(a) < record_.urgency(b) : a < b;
  }

  void push(Node node, Queue& queue) {
    if (record_.settled(node.bound)) return;
    node.number = numbers_++;
    node.urgency = record_.urgency(node.bound);
    record_.work += 1;
    queue.push(node);
  }

  bool branch(const Node& node, Queue& queue, SpreadTree::Seen& seen) {
    tree_.recall(node);
    const PlacementBound& bound = placements_[node.placement].bound;
    const std::span<const std::uint32_t> keeps = placements_[node.placement].placement.keeps;
    tree_.for_each_choice(node, bound, [&](std::size_t choice, const Bounds& bounds) {
      const cost::Score least = record_.tighter(node.bound, score_of(record_.objective, bounds));
      if (record_.settled(least) || tree_.repeats(node, choice, keeps, seen)) return;
      Node next = tree_.child(node, choice);
      next.bound = least;
      push(next, queue);
    });
    return true;
  }

  /// Searches the temporal loops of a complete node under every order of its Stores; or puts it
  /// back, if its bound turns out to be above that of others.
  bool settle(const Node& node, Queue& queue) {
    tree_.recall(node);
    const std::span<const std::uint32_t> chosen = tree_.chosen();
    PlacementState& state = placements_[node.placement];
    std::vector<const SpatialChoice*> choices;
    for (std::size_t g = 0; g < chosen.size(); ++g) choices.push_back(&choices_[g][chosen[g]]);
    if (!legal_spread(terrain_, state.placement, choices)) return true;
    if (state.skeletons.empty()) {
      state.skeletons = skeletons(terrain_, state.placement.keeps);
      for (const Skeleton& skeleton : state.skeletons) {
        state.layouts.push_back(make_layout(terrain_, state.placement, skeleton, needs_energy()));
      }
    }
    const Ledger ledger(terrain_, state.placement, state.layouts[0], choices);
    const std::vector<double> least = least_quantities(state);
    const std::size_t whole = state.placement.boundaries.size() - state.placement.first.rbegin()[1];
    std::vector<bool> reduces;
    for (std::size_t g = 0; g < chosen.size(); ++g) {
      reduces.push_back(table_.row(g, chosen[g])[table_.reductions()] > 1);
    }
    // Reductions over time leave partial sums with the lanes at least (R11).
    const OperandFacts& output = terrain_.operands.back();
    const bool partial =
        output.partial_bits >= output.bits && std::ranges::count(reduces, true) > 0;
    std::size_t unfinished = partial ? whole - 1 : whole;
    if (output.partial_bits < output.bits) unfinished = 0;  // as narrow as any may be
    const Layout& layout = state.layouts[0];
    const ChainProblem problem{terrain_, state.placement, layout,     ledger,
                               choices,  least,           unfinished, tables_};
    Node tighter = node;
    const Bounds joint =
        joint_bound(terrain_, state.placement, layout, ledger, choices, least, unfinished);
    tighter.bound = record_.tighter(node.bound, score_of(record_.objective, joint));
    if (leaves(node, tighter, queue)) return true;
    if (!node.chained && search_choice_.worth_chains(problem, record_)) {
      tighter.chained = true;
      tighter.bound = record_.tighter(tighter.bound, search_choice_.chain_score(problem, record_));
      if (leaves(node, tighter, queue)) return true;
    }
    return search_choice_({node.placement, chosen, problem, reduces}, state, record_);
  }

  /// True if there is nothing to find in the node, or if it is put back, for its bound turned out
  /// to be above that of others.
  bool leaves(const Node& node, const Node& tighter, Queue& queue) {
    if (record_.settled(tighter.bound) || std::isinf(tighter.bound.first)) return true;
    if (queue.empty() || !precedes(queue.top().bound, tighter.bound)) return false;
    if (!(node.bound < tighter.bound)) return false;
    push(tighter, queue);
    return true;
  }

  /// By quantity of the ledger: the least it can be.
  std::vector<double> least_quantities(const PlacementState& state) const {
    const std::span<const std::uint32_t> chosen = tree_.chosen();
    std::vector<double> quantities;
    for (const Quantity& quantity : state.layouts[0].quantities) {
      double least = 1;
      for (std::size_t g = 0; g < chosen.size(); ++g) {
        const Boundary& boundary = state.placement.boundaries[quantity.boundary];
        const std::size_t column = 2 * state.bound.ids()[quantity.boundary];
        const std::span<const double> with = table_.row(g, chosen[g]);
        const Multipliers without = multipliers(terrain_, terrain_.groups[g],
                                                choices_[g][chosen[g]], boundary, /*least=*/false);
        least *= quantity.each ? with[column + 1] / without.each : with[column] / without.united;
      }
      quantities.push_back(least);
    }
    return quantities;
  }

  const Terrain& terrain_;
  const Improve& improve_;
  const OnProgress& on_progress_;
  Record record_;
  Choices choices_;
  std::vector<Placement> all_;  ///< moved on to placements_
  BoundaryTable table_;
  SpreadTree tree_;
  std::vector<AxisTable> tables_;
  std::vector<PlacementState> placements_;
  Queue queue_;
  SpreadTree::Seen seen_;
  std::vector<Node> roots_;            ///< one per placement
  std::vector<std::size_t> by_bound_;  ///< placements: the most generous, then by bound
  ChoiceSearch search_choice_;
  std::int64_t numbers_ = 0;
  bool improved_ = false;
  cost::Score current_;
};

}  // namespace

Found search(const Terrain& terrain, const cost::Objective& objective, const Budget& budget,
             const Improve& improve, const OnProgress& on_progress) {
  return Search(terrain, objective, budget, improve, on_progress).run();
}

FrontFound search_front(const Terrain& terrain, const Budget& budget, std::span<const Start> starts,
                        const OnProgress& on_progress) {
  const Improve nothing;
  const cost::Objective pairs{.first = cost::Metric::latency, .second = cost::Metric::energy};
  return Search(terrain, pairs, budget, nothing, on_progress).run_front(starts);
}

}  // namespace tileloom::mapper::product
