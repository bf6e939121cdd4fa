#include "tileloom/mapper/exact/timeloop_search.hpp"

#include <algorithm>
#include <cmath>

#include "tileloom/mapper/exact/descent.hpp"
#include "tileloom/mapper/exact/exact.hpp"
#include "tileloom/mapper/exact/moves.hpp"
#include "tileloom/mapper/exact/timeloop_floor.hpp"
#include "tileloom/mapper/exact/timeloop_proxy.hpp"
#include "tileloom/support/random.hpp"

namespace tileloom::mapper {

const char* const kTimeloopSpace =
    "Timeloop's mappings: Stores of a memory together, every placement, perfect factors, all "
    "orders";

namespace {

/// Evaluations of the proxy per allowed evaluation of the profile, which is that much slower.
constexpr std::int64_t kProxyEvaluations = 8;
/// So many of the proxy's best points are descended from; all are looked at.
constexpr std::size_t kDescents = 2;
constexpr double kHottest = 0.4;  ///< accepted with 1/e: a score e^0.4 times the present one
constexpr double kColdest = 0.002;
/// Walks after the first one have at least this share of the budget.
constexpr std::int64_t kShortestWalk = 32;
/// Scores and bounds this near are equal: bounds are lowered against rounding by 1e-11.
constexpr double kNearlyEqual = 1 + 4e-11;

using EachOfKind = void (*)(const MapSpace&, Point&, const Visit&);

/// A neighbour of one kind, each equally likely; absent if there is none.
std::optional<Point> drawn(const MapSpace& space, Point point, EachOfKind for_each,
                           Random& random) {
  std::optional<Point> kept;
  std::uint64_t seen = 0;
  for_each(space, point, [&](const Point& neighbour) {
    if (random.below(++seen) == 0) kept = neighbour;
  });
  return kept;
}

std::optional<Point> random_neighbour(const MapSpace& space, const Point& point, Random& random) {
  const std::uint64_t kind = random.below(100);
  if (kind < 60) return drawn(space, point, for_each_shift, random);
  if (kind < 78) return drawn(space, point, for_each_reorder, random);
  if (kind < 90) return drawn(space, point, for_each_exchange, random);
  return drawn(space, point, for_each_toggle, random);
}

/// The search: what is best so far, and the phases that improve it.
class ProfileSearch {
 public:
  ProfileSearch(const Problem& problem, const MapSpace& space, const TimeloopNouns& nouns,
                const Budget& budget)
      : problem_(problem),
        space_(space),
        nouns_(nouns),
        budget_(budget),
        scorer_(space, nouns, problem.objective),
        ruler_(space, Factors::perfect, budget, scorer_),
        floor_(timeloop_floor(space, nouns, problem.objective)) {}

  /// Descends from what the fast searches find on the proxy, and from the smallest mapping.
  void descend_from_proxies() {
    offer(trivial_point(space_));
    const TimeloopProxy proxy = timeloop_proxy(space_, nouns_);
    const Problem words{proxy.workload, problem_.op, proxy.arch, problem_.objective,
                        problem_.constraints};
    Budget small = budget_;
    small.evaluations = std::max<std::int64_t>(budget_.evaluations * kProxyEvaluations, 2000);
    const MapSpace word_space =
        make_map_space(words.workload, words.op, words.arch, words.constraints);
    std::vector<Point> starts = proxy_minima(word_space, problem_.objective, small);
    std::vector<Point> best;
    for (const cost::Objective& objective : objectives()) {
      const Problem proxied{words.workload, words.op, words.arch, objective, words.constraints};
      const MapResult found = ExactMapper{}.map(proxied, small, nullptr);
      if (found.tree) best.push_back(nearest_point(space_, found.tree->path));
    }
    starts.insert(starts.begin(), best.begin(), best.end());
    for (const Point& start : starts) offer(start);
    const std::size_t descents = std::min(best.size() + kDescents, starts.size());
    for (std::size_t i = 0; i < descents; ++i) descend_from(starts[i]);
  }

  /// Simulated annealing from the best mapping so far on three quarters of what is left, then a
  /// descent; and again, as long as a walk of some length is left.
  void walk() {
    Random random(budget_.seed);
    for (std::int64_t walks = 0; best_ && !finished(); ++walks) {
      const std::int64_t steps = ruler_.left() * 3 / 4;
      if (walks > 0 && steps < budget_.evaluations / kShortestWalk) return;
      const std::int64_t before = ruler_.used();
      ruler_.allow_until(ruler_.used() + steps);
      anneal_for(steps, random);
      ruler_.allow_until(INT64_MAX);
      best_ = descend(ruler_, best_->point, best_->score);
      if (ruler_.used() == before) return;
    }
  }

  TimeloopAnswer answer() const {
    TimeloopAnswer result;
    result.lower_bound = floor_;
    result.evaluations = ruler_.used();
    if (!best_) {
      // Constraints can ask the plainest mapping for more than another one needs.
      if (problem_.constraints.empty()) result.reason = scorer_.objection(trivial_point(space_));
      if (!result.reason.empty()) result.proof = Proof::infeasible;
      return result;
    }
    result.tree = tree_of(space_, best_->point);
    result.mapping = timeloop_mapping(space_, best_->point);
    result.stats = scorer_.stats(best_->point);
    result.score = best_->score;
    // A bound above the answer would be false: it proves nothing.
    const bool below = floor_.first <= best_->score.first * kNearlyEqual;
    result.proof = met() && below ? Proof::optimal : Proof::feasible;
    return result;
  }

 private:
  bool met() const {
    return best_ && best_->score.first <= floor_.first * kNearlyEqual &&
           (!problem_.objective.second || best_->score.second <= floor_.second * kNearlyEqual);
  }
  bool finished() const { return met() || ruler_.exhausted(); }

  /// What the proxy's best mappings are looked for: a product's factors, too, for the profile may
  /// weigh the two otherwise.
  std::vector<cost::Objective> objectives() const {
    std::vector<cost::Objective> all{problem_.objective};
    if (problem_.objective.first == cost::Metric::edp) {
      all.push_back({.first = cost::Metric::energy, .second = cost::Metric::latency});
      all.push_back({.first = cost::Metric::latency, .second = cost::Metric::energy});
    }
    return all;
  }

  std::optional<cost::Score> offer(const Point& point) {
    const std::optional<cost::Score> score = ruler_.measure(point);
    if (score && (!best_ || *score < best_->score)) best_ = Descended{point, *score};
    return score;
  }

  void descend_from(const Point& point) {
    const std::optional<cost::Score> score = offer(point);
    if (!score || met()) return;
    ruler_.allow_until(ruler_.used() + budget_.evaluations / 8);
    const Descended found = descend(ruler_, point, *score);
    ruler_.allow_until(INT64_MAX);
    if (found.score < best_->score) best_ = found;
  }

  void anneal_for(std::int64_t steps, Random& random) {
    Descended here = *best_;
    const std::int64_t begin = ruler_.used();
    for (std::int64_t tried = 0; tried < 20 * steps && !finished(); ++tried) {
      const std::optional<Point> next = random_neighbour(space_, here.point, random);
      if (!next) continue;
      const std::optional<cost::Score> score = offer(*next);
      if (!score) continue;
      const double done = static_cast<double>(ruler_.used() - begin) / static_cast<double>(steps);
      const double temperature = kHottest * std::pow(kColdest / kHottest, done);
      const double worse = std::log(score->first / here.score.first);
      if (worse <= 0 || random.unit() < std::exp(-worse / temperature)) here = {*next, *score};
    }
  }

  const Problem& problem_;
  const MapSpace& space_;
  const TimeloopNouns& nouns_;
  const Budget& budget_;
  TimeloopScorer scorer_;
  Ruler ruler_;
  cost::Score floor_;
  std::optional<Descended> best_;
};

}  // namespace

TimeloopAnswer map_under_timeloop(const Problem& problem, const TimeloopNouns& nouns,
                                  const Budget& budget) {
  const MapSpace space =
      make_map_space(problem.workload, problem.op, problem.arch, problem.constraints);
  ProfileSearch search(problem, space, nouns, budget);
  search.descend_from_proxies();
  search.walk();
  return search.answer();
}

double gap(const TimeloopAnswer& answer) {
  if (!answer.tree || answer.lower_bound.first <= 0) return 0;
  return std::max(0.0, answer.score.first / answer.lower_bound.first - 1);
}

}  // namespace tileloom::mapper
