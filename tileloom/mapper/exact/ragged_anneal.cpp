#include "tileloom/mapper/exact/ragged_anneal.hpp"

#include <algorithm>
#include <cmath>

#include "tileloom/cost/evaluator.hpp"
#include "tileloom/loop_tree/path_rules.hpp"
#include "tileloom/mapper/exact/ragged_moves.hpp"

namespace tileloom::mapper {
namespace {

/// Temperatures, in units of ln(objective): of walks from a mapping that is good in most respects,
/// and from one that is good in few; all end cold.
constexpr double kWarm = 0.2;
constexpr double kHot = 0.5;
constexpr double kCold = 0.002;
/// Shares of the budget: first walks from all other starts together, then a second one from each of
/// the best of these; what is left is for a walk from the best of all.
constexpr std::int64_t kShareOfOthers = 3;
constexpr std::int64_t kShareOfGood = 6;
constexpr std::size_t kGood = 2;
/// What the second metric of a lexicographic pair counts beside the first.
constexpr double kSecond = 0.01;
/// Moves that may come to nothing for every evaluation.
constexpr std::int64_t kMovesPerEvaluation = 16;
constexpr std::uint64_t kSeed = 1;

class Walks {
 public:
  Walks(const MapSpace& space, const cost::Objective& objective, const Budget& budget)
      : space_(space),
        objective_(objective),
        budget_(budget),
        evaluator_(*space.op, *space.arch),
        moves_(space),
        random_(kSeed) {}

  Polished run(Polished best, std::span<const std::vector<PathNode>> others) {
    std::vector<Polished> good = walks_from(others);
    if (good.size() > kGood) good.resize(kGood);
    for (Polished& start : good) {
      Polished found = walk(std::move(start), budget_.evaluations / kShareOfGood, kWarm);
      if (found.score < best.score) best = std::move(found);
    }
    best = walk(std::move(best), budget_.evaluations - used_, kWarm);
    best.evaluations = used_;
    return best;
  }

 private:
  /// What short walks from these find, the best first.
  std::vector<Polished> walks_from(std::span<const std::vector<PathNode>> starts) {
    std::vector<Polished> all;
    for (const std::vector<PathNode>& path : starts) {
      const std::optional<cost::Score> score = measure(path);
      if (!score || !legal(path)) continue;
      const std::int64_t share = budget_.evaluations / kShareOfOthers /
                                 static_cast<std::int64_t>(starts.size());
      const std::int64_t end = used_ + share;
      Polished there = descend({*score, path, 0}, end);
      all.push_back(walk(std::move(there), std::max<std::int64_t>(1, end - used_), kHot));
    }
    std::ranges::stable_sort(all, {}, &Polished::score);
    return all;
  }

  /// Takes one loop over time after the other to where it is best.
  Polished descend(Polished best, std::int64_t end) {
    for (bool improved = true; improved;) {
      improved = false;
      here_ = best.path;
      for (std::size_t from = 0; from < here_.size(); ++from) {
        for (std::size_t to = 0; to < here_.size() && used_ < end; ++to) {
          next_ = here_;
          if (!moves_.place_loop(next_, from, to)) continue;
          const std::optional<cost::Score> score = measure(next_);
          if (!score || !(*score < best.score) || !legal(next_)) continue;
          best.score = *score;
          best.path = next_;
          improved = true;
        }
      }
    }
    return best;
  }

  /// The best of one walk, cooling over so many evaluations.
  Polished walk(Polished best, std::int64_t evaluations, double hot) {
    if (evaluations <= 0) return best;
    here_ = best.path;
    double value = value_of(best.score);
    const std::int64_t first = used_;
    const std::int64_t end = std::min(first + evaluations, budget_.evaluations);
    for (std::int64_t i = 0; i < kMovesPerEvaluation * evaluations && used_ < end; ++i) {
      if ((i & 1023) == 0 && budget_.stopped()) break;
      next_ = here_;
      if (!change()) continue;
      const double progress =
          static_cast<double>(used_ - first) / static_cast<double>(evaluations);
      const std::optional<cost::Score> score = measure(next_);
      if (!score) continue;
      const double now = value_of(*score);
      const double temperature = hot * std::pow(kCold / hot, progress);
      if (now > value && random_.unit() >= std::exp((value - now) / temperature)) continue;
      if (!legal(next_)) continue;
      std::swap(here_, next_);
      value = now;
      if (!(*score < best.score)) continue;
      best.score = *score;
      best.path = here_;
    }
    used_ = end;
    return best;
  }

  bool change() {
    do {
      if (!moves_(next_, random_)) return false;
    } while (random_.below(4) == 0);
    return next_ != here_;
  }

  double value_of(const cost::Score& score) const {
    const double first = std::log(score.first);
    return objective_.second ? first + kSecond * std::log(score.second) : first;
  }

  std::optional<cost::Score> measure(const std::vector<PathNode>& path) {
    ++used_;
    const cost::QuickCost quick = evaluator_(path);
    if (!quick.fits) return std::nullopt;
    return cost::score(objective_, Cycles{static_cast<std::int64_t>(quick.cycles)},
                       Picojoules{quick.picojoules});
  }

  bool legal(const std::vector<PathNode>& path) const {
    const CheckedPath checked{*space_.workload, *space_.arch, space_.id, path};
    if (!broken_rules(checked).empty()) return false;
    return space_.constraints->empty() ||
           broken_rules(*space_.constraints, *space_.workload, *space_.arch, space_.id, path)
               .empty();
  }

  const MapSpace& space_;
  cost::Objective objective_;
  const Budget& budget_;
  cost::Evaluator evaluator_;
  RaggedMoves moves_;
  Random random_;
  std::int64_t used_ = 0;
  std::vector<PathNode> here_, next_;
};

}  // namespace

Polished anneal_ragged(const MapSpace& space, const cost::Objective& objective, Polished start,
                       std::span<const std::vector<PathNode>> others, const Budget& budget) {
  return Walks(space, objective, budget).run(std::move(start), others);
}

}  // namespace tileloom::mapper
