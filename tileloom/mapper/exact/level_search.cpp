#include "tileloom/mapper/exact/level_search.hpp"

#include <algorithm>
#include <map>

#include "tileloom/mapper/exact/descent.hpp"
#include "tileloom/mapper/exact/frontier.hpp"
#include "tileloom/mapper/exact/inner.hpp"

namespace tileloom::mapper {
namespace {

/// So many of the most promising nodes are descended from before any is searched completely, and so
/// many of each placement: bounds of different placements are wrong in different ways.
constexpr std::size_t kStarts = 32;
constexpr std::size_t kStartsOfPlacement = 3;
/// Bounds of outer nodes are some ten times cheaper than evaluations.
constexpr std::int64_t kBoundsPerEvaluation = 4;
/// Most bounds for `promising_levels`.
constexpr std::int64_t kBoundsOfPromising = 40'000;
/// A node may use this share of the budget; after kGiveUp nodes that needed more the rest is left.
constexpr std::int64_t kNodeShare = 8;
constexpr int kGiveUp = 2;

/// One search: the state between its phases.
class Search {
 public:
  Search(const Problem& problem, const MapSpace& space, Factors factors, const Budget& budget,
         const OnProgress& on_progress, const std::optional<cost::Score>& known)
      : budget_(budget),
        on_progress_(on_progress),
        known_(known),
        space_(space),
        factors_(factors),
        ruler_(space, factors, problem, budget),
        frontier_(space, factors, problem.objective) {}

  /// Incumbents: a descent from each of the most promising nodes.
  void descend_from_best() {
    offer(trivial_point(space_));
    ruler_.allow_until(budget_.evaluations - budget_.evaluations / 4);
    std::map<std::size_t, std::size_t> starts_of;
    std::size_t starts = 0;
    while (starts < kStarts && !frontier_.empty() && may_bound() && !ruler_.exhausted()) {
      if (closed(frontier_.bound())) break;
      const std::optional<Frontier::Node> node = frontier_.advance();
      if (!node) continue;
      nodes_.push_back(*node);
      if (starts_of[node->placement] == kStartsOfPlacement) continue;
      ++starts_of[node->placement];
      ++starts;
      descend_from(*node);
    }
    ruler_.allow_until(INT64_MAX);
  }

  /// Branch and bound over the nodes in the order of their bounds.
  void branch() {
    int given_up = 0;
    for (std::size_t next = 0; given_up < kGiveUp && !ruler_.exhausted(); ++next) {
      while (next == nodes_.size() && !frontier_.empty() && may_bound()) {
        if (closed(frontier_.bound())) break;
        if (std::optional<Frontier::Node> node = frontier_.advance()) nodes_.push_back(*node);
      }
      if (next >= nodes_.size() || closed(nodes_[next].bound)) break;
      searched_ = next;
      if (!search(nodes_[next])) {
        ++given_up;
        open_.push_back(nodes_[next].bound);
      }
      searched_ = next + 1;
      report();
    }
  }

  /// No mapping of the space scores less: the least bound of what was not searched completely.
  cost::Score lower_bound() const {
    std::optional<cost::Score> least;
    const auto take = [&](const cost::Score& bound) {
      if (closed(bound)) return;
      least = least ? std::min(*least, bound) : bound;
    };
    for (const cost::Score& bound : open_) take(bound);
    for (std::size_t i = searched_; i < nodes_.size(); ++i) take(nodes_[i].bound);
    if (!frontier_.empty()) take(frontier_.bound());
    if (least) return *least;
    if (!incumbent_.best()) return known_.value_or(cost::Score{});
    return known_ ? std::min(*known_, incumbent_.best()->score) : incumbent_.best()->score;
  }
  bool proved() const {
    const auto settled = [&](const cost::Score& bound) { return closed(bound); };
    return std::ranges::all_of(open_, settled) &&
           std::all_of(nodes_.begin() + static_cast<std::ptrdiff_t>(searched_), nodes_.end(),
                       [&](const Frontier::Node& node) { return closed(node.bound); }) &&
           (frontier_.empty() || closed(frontier_.bound()));
  }

  const Incumbent& incumbent() const { return incumbent_; }
  std::int64_t evaluations() const { return ruler_.used(); }

 private:
  bool closed(const cost::Score& bound) const {
    if (known_ && hopeless(bound, *known_)) return true;
    return incumbent_.best() && hopeless(bound, incumbent_.best()->score);
  }
  bool may_bound() const {
    return !ruler_.stopped() &&
           frontier_.bounded() / kBoundsPerEvaluation < budget_.evaluations + 1000;
  }

  std::optional<cost::Score> offer(const Point& point) {
    const std::optional<cost::Score> score = ruler_.measure(point);
    if (score) incumbent_.offer(*score, ruler_.used(), point);
    return score;
  }

  void descend_from(const Frontier::Node& node) {
    const std::optional<Point> start =
        start_point(space_, factors_, frontier_.keeps(node.placement), node.choice);
    if (!start) return;
    const std::optional<cost::Score> score = offer(*start);
    if (!score) return;
    const Descended found = descend(ruler_, *start, *score);
    incumbent_.offer(found.score, ruler_.used(), found.point);
    report();
  }

  bool search(const Frontier::Node& node) {
    const std::optional<Point> start =
        start_point(space_, factors_, frontier_.keeps(node.placement), node.choice);
    if (!start) return true;  // the constraints leave nothing here
    ruler_.allow_until(ruler_.used() +
                       std::max<std::int64_t>(1000, budget_.evaluations / kNodeShare));
    const bool complete =
        InnerSearch(ruler_, frontier_.bound_of(node.placement), node.choice, *start, incumbent_)
            .run();
    ruler_.allow_until(INT64_MAX);
    return complete;
  }

  void report() const {
    if (!on_progress_) return;
    Progress progress{std::nullopt, lower_bound(), ruler_.used()};
    if (incumbent_.best()) progress.incumbent = incumbent_.best()->score;
    on_progress_(progress);
  }

  const Budget& budget_;
  const OnProgress& on_progress_;
  std::optional<cost::Score> known_;  ///< of a mapping found elsewhere
  const MapSpace& space_;
  Factors factors_;
  Ruler ruler_;
  Frontier frontier_;
  Incumbent incumbent_;
  std::vector<Frontier::Node> nodes_;  ///< complete outer nodes, in the order of their bounds
  std::size_t searched_ = 0;           ///< so many of them were searched or given up
  std::vector<cost::Score> open_;      ///< bounds of those given up
};

constexpr const char* kSpace =
    "Stores of a memory together, every placement, perfect factors, all loop orders";
constexpr const char* kImperfectSpace =
    "Stores of a memory together, every placement, all loop orders, a tile t cut n times into "
    "tiles of ceil(t / n)";

MapResult search_space(const Problem& problem, const MapSpace& space, Factors factors,
                       const Budget& budget, const OnProgress& on_progress,
                       const std::optional<cost::Score>& known) {
  Search search(problem, space, factors, budget, on_progress, known);
  search.descend_from_best();
  search.branch();
  MapResult result;
  if (search.incumbent().best()) {
    result = answer(problem, space, search.incumbent().best()->point);
    result.proof = search.proved() ? Proof::optimal : Proof::budget_spent;
  } else {
    result.proof = search.proved() ? Proof::infeasible : Proof::budget_spent;
    if (search.proved()) result.reason = why_infeasible(space);
    if (search.proved() && result.reason.empty()) result.reason = why_constrained(space);
  }
  result.space = factors == Factors::imperfect ? kImperfectSpace : kSpace;
  result.lower_bound = search.lower_bound();
  result.evaluations = search.evaluations();
  return result;
}

}  // namespace

MapResult search_levels(const Problem& problem, const MapSpace& space, const Budget& budget,
                        const OnProgress& on_progress) {
  return search_space(problem, space, Factors::perfect, budget, on_progress, std::nullopt);
}

MapResult search_imperfect_levels(const Problem& problem, const MapSpace& space,
                                  const Budget& budget, const OnProgress& on_progress,
                                  const std::optional<cost::Score>& known) {
  return search_space(problem, space, Factors::imperfect, budget, on_progress, known);
}

std::vector<std::vector<PathNode>> promising_levels(const Problem& problem, const MapSpace& space,
                                                    std::size_t count) {
  Frontier frontier(space, Factors::imperfect, problem.objective);
  std::vector<std::vector<PathNode>> paths;
  std::map<std::size_t, std::size_t> of_placement;
  while (paths.size() < count && !frontier.empty() && frontier.bounded() < kBoundsOfPromising) {
    const std::optional<Frontier::Node> node = frontier.advance();
    if (!node || of_placement[node->placement]++ >= kStartsOfPlacement) continue;
    const std::optional<Point> start =
        start_point(space, Factors::imperfect, frontier.keeps(node->placement), node->choice);
    if (start) paths.push_back(path_of(space, *start));
  }
  return paths;
}

Descents descend_levels(const Problem& problem, const MapSpace& space, const Budget& budget) {
  const OnProgress nobody;  // outlives the search, which borrows it
  Search search(problem, space, Factors::perfect, budget, nobody, std::nullopt);
  search.descend_from_best();
  Descents found;
  found.evaluations = search.evaluations();
  if (search.incumbent().best()) {
    found.score = search.incumbent().best()->score;
    found.path = path_of(space, search.incumbent().best()->point);
  }
  return found;
}

}  // namespace tileloom::mapper
