#pragma once
// Random small networks and the best of all their fused schedules, found by trying every one.

#include <algorithm>
#include <functional>
#include <limits>
#include <set>
#include <tuple>

#include "small_transformer.hpp"
#include "tileloom/loop_tree/boxes.hpp"
#include "tileloom/reference/random_tree.hpp"
#include "tileloom/scheduler/chains.hpp"
#include "tileloom/scheduler/exact/exact.hpp"
#include "tileloom/scheduler/exact/single_choice.hpp"
#include "tileloom/scheduler/exact/stack_choice.hpp"

namespace tileloom::scheduler {

/// Of the largest tiles, too, all are tried that may be better.
inline constexpr std::size_t kAllOfThem = std::numeric_limits<std::size_t>::max();

/// With every set of weights streamed.
inline void add_streamed(const exact::StackSpace& space, const exact::Range& range,
                         exact::Tiling tiling, std::vector<exact::StackChoice>& found) {
  const exact::WeightSet all = exact::first_weights(space.frames().weights(range).size());
  for (tiling.streamed = 0; tiling.streamed <= all; ++tiling.streamed)
    if (const auto choice = space.cost_as_streamed(range, tiling)) found.push_back(*choice);
}

/// The best score over all ways to cut the network and all tilings of every part, one by one.
class EverySchedule {
 public:
  using Tilings = std::function<std::vector<exact::Tiling>(const exact::Range&)>;

  EverySchedule(const NetworkProblem& problem, const Schedule& alone,
                const exact::StackSpace& space, const ExactFusionOptions& options,
                std::vector<std::vector<exact::SingleChoice>> singles, Tilings tilings)
      : problem_(problem),
        alone_(alone),
        space_(space),
        options_(options),
        singles_(std::move(singles)),
        tilings_(std::move(tilings)) {
    singles_.resize(problem.workload.operators.size());
  }

  cost::Score best() {
    from(0, {}, {}, {});
    return *best_;
  }

 private:
  using Tensors = std::set<TensorId>;

  /// All parts from operator `op` on, which finds `near` in the memory of activations.
  void from(std::size_t op, Cycles latency, Picojoules energy, const Tensors& near) {
    const std::size_t end = problem_.workload.operators.size();
    if (op == end) {
      const cost::Score score = cost::score(problem_.objective, latency, energy);
      if (!best_ || score < *best_) best_ = score;
      return;
    }
    const Layer& layer = alone_.layers[op];
    if (near.empty())
      from(op + 1, latency + layer.result.evaluation->latency.total + layer.dispatch,
           energy + layer.result.evaluation->energy, {});
    for (const exact::SingleChoice& choice : singles_[op]) {
      const std::optional<Tensors> left = left_near({op, op}, choice.inside, near);
      if (left) from(op + 1, latency + choice.latency, energy + choice.energy, *left);
    }
    for (std::size_t last = op + 1; last < end && last - op < options_.deepest; ++last) {
      for (const exact::StackChoice& choice : costs(op, last)) {
        const std::optional<Tensors> left = left_near({op, last}, choice.tiling.inside, near);
        if (left) from(last + 1, latency + choice.latency, energy + choice.energy, *left);
      }
    }
  }

  /// What the part leaves near if it finds just `near` there.
  std::optional<Tensors> left_near(const exact::Range& range, std::uint32_t inside,
                                   const Tensors& near) const {
    const Workload& workload = problem_.workload;
    const std::vector<TensorId> homes = space_.frames().homes(range);
    Tensors found;
    Tensors left;
    for (std::size_t place = 0; place < homes.size(); ++place) {
      if ((inside >> place & 1U) == 0) continue;
      std::size_t first = workload.operators.size();
      std::size_t last = 0;
      for (std::size_t op = 0; op < workload.operators.size(); ++op) {
        const Operator& at = workload.operators[static_cast<OperatorId>(op)];
        if (at.output.tensor == homes[place]) first = std::min(first, op);
        if (find_operand(at, homes[place]) != nullptr) last = op;
      }
      if (workload.tensors[homes[place]].kind != TensorKind::intermediate) return std::nullopt;
      if (first >= range.first && last <= range.last) return std::nullopt;
      if (first < range.first) found.insert(homes[place]);
      if (last > range.last) left.insert(homes[place]);
    }
    if (found != near) return std::nullopt;
    return left;
  }

  const std::vector<exact::StackChoice>& costs(std::size_t first, std::size_t last) {
    const auto [at, is_new] = costs_.try_emplace({first, last});
    if (is_new) {
      const bool by_edge = options_.each_edge && space_.tilings().has_windows({first, last});
      for (const exact::Tiling& tiling : tilings_({first, last})) {
        add_streamed(space_, {first, last}, tiling, at->second);
        if (by_edge && tiling.overlap == exact::most_kept(tiling))
          edges({first, last}, tiling, 0, at->second);
      }
      if (options_.near_boundaries) near({first, last}, at->second);
      const auto what = [](const exact::StackChoice& choice) {
        return std::tuple(choice.tiling.inside, choice.latency, choice.energy);
      };
      std::ranges::sort(at->second, {}, what);
      const auto same = [&](const auto& a, const auto& b) { return what(a) == what(b); };
      at->second.erase(std::unique(at->second.begin(), at->second.end(), same), at->second.end());
    }
    return at->second;
  }

  /// What no other choice beats, with tensors near in every way.
  void near(const exact::Range& range, std::vector<exact::StackChoice>& found) const {
    std::vector<exact::StackChoice> best;
    for (const exact::StackChoice& choice : found) chains::keep_best(best, choice);
    for (std::uint32_t inside = 1; inside < 1U << space_.frames().homes(range).size(); ++inside) {
      const std::vector<std::uint32_t> ways = space_.frames().ways_inside(range);
      if (std::ranges::find(ways, inside) == ways.end()) continue;
      for (const exact::StackChoice& choice : best) {
        exact::Tiling tiling = choice.tiling;
        tiling.inside = inside;
        add_streamed(space_, range, tiling, found);
      }
    }
  }

  /// Every overlap of every tensor from `place` on.
  void edges(const exact::Range& range, const exact::Tiling& tiling, std::size_t place,
             std::vector<exact::StackChoice>& found) const {
    if (place == range.length()) {
      if (tiling.other_overlaps.empty()) return;
      add_streamed(space_, range, tiling, found);
      return;
    }
    for (const exact::Overlap overlap :
         {exact::Overlap::recompute, exact::Overlap::row, exact::Overlap::all}) {
      if (overlap > tiling.overlap) continue;
      exact::Tiling other = tiling;
      if (overlap < tiling.overlap) other.other_overlaps[place] = overlap;
      edges(range, other, place + 1, found);
    }
  }

  const NetworkProblem& problem_;
  const Schedule& alone_;
  const exact::StackSpace& space_;
  const ExactFusionOptions& options_;
  std::vector<std::vector<exact::SingleChoice>> singles_;  ///< near, per operator
  Tilings tilings_;
  std::optional<cost::Score> best_;
  std::map<std::pair<std::size_t, std::size_t>, std::vector<exact::StackChoice>> costs_;
};

/// Half of them with attention or products in a row.
inline Workload random_network(Random& random) {
  switch (random.below(4)) {
    case 0:
      return small_attention(random, false);
    case 1:
      return small_mlp(random);
    default:
      return reference::random_stack(random).workload;
  }
}

}  // namespace tileloom::scheduler
