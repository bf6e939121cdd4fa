#include "tileloom/mapper/timeloop_like/timeloop_like.hpp"

#include <algorithm>

#include "tileloom/mapper/incumbent.hpp"
#include "tileloom/mapper/timeloop_like/walker.hpp"

namespace tileloom::mapper {
namespace {

class Search {
 public:
  Search(const Problem& problem, const MapSpace& space, const TimeloopOptions& options,
         const Budget& budget, const OnProgress& on_progress)
      : options_(options),
        budget_(budget),
        on_progress_(on_progress),
        bound_(bound_score(space, problem.objective)),
        levels_(tiling_levels(space)),
        sampler_(space, levels_),
        scorer_(space, problem.objective) {
    Random seeds(budget.seed);
    for (std::size_t w = 0; w < options.walkers; ++w) {
      walkers_.push_back({Walker(space, levels_, sampler_, options_, seeds.next()), {}});
    }
  }

  /// Round after round, one step of every walker that still walks.
  void run() {
    const auto done = [this] { return finished(); };
    bool walking = true;
    while (walking && !finished()) {
      walking = false;
      for (Entry& entry : walkers_) {
        if (entry.walker.stopped() || finished()) continue;
        walking = true;
        entry.walker.step([&](const Point& point) { return score(point, entry.best); }, done);
      }
    }
  }

  const Incumbent& incumbent() const { return incumbent_; }
  std::int64_t evaluations() const { return evaluations_; }
  std::int64_t draws() const {
    std::int64_t draws = evaluations_;
    for (const Entry& entry : walkers_) draws += entry.walker.rejected();
    return draws;
  }

 private:
  struct Entry {
    Walker walker;
    std::optional<cost::Score> best;
  };

  Verdict score(const Point& point, std::optional<cost::Score>& best_of_walker) {
    ++evaluations_;
    const std::optional<cost::Score> score = scorer_(point);
    if (!score) return Verdict::too_large;
    ++valid_;
    if (incumbent_.offer(*score, evaluations_, point) && on_progress_) {
      on_progress_({*score, bound_, evaluations_});
    }
    if (best_of_walker && *best_of_walker <= *score) return Verdict::valid;
    best_of_walker = *score;
    return Verdict::improved;
  }

  bool finished() const {
    return evaluations_ >= budget_.evaluations || budget_.stopped() ||
           (options_.valid_samples > 0 && valid_ >= options_.valid_samples);
  }

  const TimeloopOptions& options_;
  const Budget& budget_;
  const OnProgress& on_progress_;
  cost::Score bound_;
  std::vector<TilingLevel> levels_;
  FactorisationSampler sampler_;
  Scorer scorer_;
  std::vector<Entry> walkers_;
  Incumbent incumbent_;
  std::int64_t evaluations_ = 0;
  std::int64_t valid_ = 0;
};

}  // namespace

MapResult TimeloopLikeMapper::map(const Problem& problem, const Budget& budget,
                                  const OnProgress& on_progress) const {
  const MapSpace space =
      make_map_space(problem.workload, problem.op, problem.arch, problem.constraints);
  if (std::optional<MapResult> impossible = infeasible_result(space)) return *impossible;
  Search search(problem, space, options_, budget, on_progress);
  search.run();
  MapResult result = best_result(problem, space, search.incumbent());
  result.evaluations = search.evaluations();
  result.draws = search.draws();
  return result;
}

}  // namespace tileloom::mapper
