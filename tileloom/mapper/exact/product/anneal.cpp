#include "tileloom/mapper/exact/product/anneal.hpp"

#include <algorithm>
#include <cmath>

#include "tileloom/cost/evaluator.hpp"
#include "tileloom/mapper/exact/product/sketch_moves.hpp"

namespace tileloom::mapper::product {
namespace {

/// Temperatures, in units of ln(objective). A start is good in most respects: little heat is
/// enough, and a second pass from the best so far finds more than one long pass.
constexpr double kHot = 0.15;
constexpr double kCold = 0.02;
constexpr std::int64_t kWalks = 2;
/// What the second metric of a lexicographic pair counts beside the first.
constexpr double kSecond = 0.01;
/// Moves that may come to nothing for every evaluation.
constexpr std::int64_t kMovesPerEvaluation = 16;
constexpr std::uint64_t kSeed = 1;

class Walk {
 public:
  Walk(const Terrain& terrain, const cost::Objective& objective, const Start& start,
       const Budget& budget)
      : terrain_(terrain),
        objective_(objective),
        budget_(budget),
        evaluator_(*terrain.space->op, *terrain.space->arch),
        moves_(terrain),
        random_(kSeed),
        best_(start),
        pass_(std::max<std::int64_t>(1, budget.evaluations / kWalks)) {
    best_.evaluations = 0;
  }

  Start run() {
    while (!spent()) pass();
    return std::move(best_);
  }

 private:
  bool spent() const { return best_.evaluations >= budget_.evaluations || budget_.stopped(); }

  /// From the best mapping so far.
  void pass() {
    here_ = sketch_of(terrain_, best_.path);
    value_ = value_of(*best_.score);
    first_ = best_.evaluations;
    const std::int64_t end = std::min(first_ + pass_, budget_.evaluations);
    for (std::int64_t i = 0; i < kMovesPerEvaluation * pass_ && best_.evaluations < end; ++i) {
      next_ = here_;
      do {
        moves_(next_, random_);
      } while (random_.below(4) == 0);
      if (next_ != here_ && legal(terrain_, next_)) step();
    }
    best_.evaluations = end;
  }

  double value_of(const cost::Score& score) const {
    const double first = std::log(score.first);
    return objective_.second ? first + kSecond * std::log(score.second) : first;
  }

  double temperature() const {
    const double progress =
        static_cast<double>(best_.evaluations - first_) / static_cast<double>(pass_);
    return kHot * std::pow(kCold / kHot, progress);
  }

  void step() {
    write_path(terrain_, next_, path_);
    const double hot = temperature();
    ++best_.evaluations;
    const cost::QuickCost quick = evaluator_(path_);
    if (!quick.fits) return;
    const cost::Score score = cost::score(
        objective_, Cycles{static_cast<std::int64_t>(quick.cycles)}, Picojoules{quick.picojoules});
    const double value = value_of(score);
    if (value > value_ && random_.unit() >= std::exp((value_ - value) / hot)) return;
    std::swap(here_, next_);
    value_ = value;
    if (!(score < *best_.score)) return;
    best_.score = score;
    best_.path = path_;
  }

  const Terrain& terrain_;
  cost::Objective objective_;
  const Budget& budget_;
  cost::Evaluator evaluator_;
  SketchMoves moves_;
  Random random_;
  Start best_;
  Sketch here_, next_;
  double value_ = 0;
  std::int64_t pass_;       ///< evaluations of a pass
  std::int64_t first_ = 0;  ///< evaluations when the pass began
  std::vector<PathNode> path_;
};

}  // namespace

Start anneal(const Terrain& terrain, const cost::Objective& objective, const Start& start,
             const Budget& budget) {
  if (!start.score) return start;
  return Walk(terrain, objective, start, budget).run();
}

}  // namespace tileloom::mapper::product
