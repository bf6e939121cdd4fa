#include "tileloom/mapper/random/random.hpp"

#include <tbb/enumerable_thread_specific.h>
#include <tbb/parallel_for.h>
#include <tbb/task_arena.h>

#include <algorithm>

#include "tileloom/mapper/incumbent.hpp"
#include "tileloom/mapper/random/sampler.hpp"

namespace tileloom::mapper {
namespace {

/// Draws per round; between rounds the stop flag is polled and progress reported.
constexpr std::int64_t kRound = 2048;

/// Every draw has a generator of its own, so that draw i is the same on any number of threads.
Random generator(std::uint64_t seed, std::int64_t number) {
  Random mix(seed ^ (0x9e3779b97f4a7c15ULL * static_cast<std::uint64_t>(number)));
  return Random(mix.next());
}

struct Draw {
  std::optional<cost::Score> score;
  Point point;
};

/// Draws the points of one search.
class Drawer {
 public:
  Drawer(const MapSpace& space, const RandomOptions& options, std::uint64_t seed)
      : space_(space),
        options_(options),
        seed_(seed),
        sampler_(space),
        all_placements_(placements(space)) {}

  Point point(std::int64_t number) const {
    if (number == 0 && options_.valid_samples == 0) return trivial_point(space_);
    Random random = generator(seed_, number);
    return options_.imperfect ? draw_imperfect(space_, all_placements_, random)
                              : sampler_.draw(random);
  }

 private:
  const MapSpace& space_;
  const RandomOptions& options_;
  std::uint64_t seed_;
  PerfectSampler sampler_;
  std::vector<std::vector<std::uint32_t>> all_placements_;
};

/// What the draws so far amount to.
struct Tally {
  Incumbent incumbent;
  std::int64_t done = 0;
  std::int64_t valid = 0;
};

/// Takes the draws of a round in their order until `most_valid` are valid (0 = all); false if that
/// many are.
bool take(const std::vector<Draw>& round, std::int64_t most_valid, const cost::Score& bound,
          const OnProgress& on_progress, Tally& tally) {
  for (const Draw& draw : round) {
    const std::int64_t number = tally.done++;
    if (!draw.score) continue;
    ++tally.valid;
    if (tally.incumbent.offer(*draw.score, number, draw.point) && on_progress) {
      on_progress({*draw.score, bound, tally.done});
    }
    if (tally.valid == most_valid) return false;
  }
  return true;
}

}  // namespace

MapResult RandomMapper::map(const Problem& problem, const Budget& budget,
                            const OnProgress& on_progress) const {
  const MapSpace space =
      make_map_space(problem.workload, problem.op, problem.arch, problem.constraints);
  if (std::optional<MapResult> impossible = infeasible_result(space)) return *impossible;
  const Drawer drawer(space, options_, budget.seed);
  const cost::Score bound = bound_score(space, problem.objective);
  const std::int64_t draws = std::max<std::int64_t>(1, budget.evaluations);
  tbb::enumerable_thread_specific<Scorer> scorers([&] { return Scorer(space, problem.objective); });
  tbb::task_arena arena(budget.threads > 0 ? budget.threads : tbb::task_arena::automatic);
  Tally tally;
  bool more = true;
  while (more && tally.done < draws && (tally.done == 0 || !budget.stopped())) {
    std::vector<Draw> round(static_cast<std::size_t>(std::min(kRound, draws - tally.done)));
    arena.execute([&] {
      tbb::parallel_for(std::size_t{0}, round.size(), [&](std::size_t i) {
        Draw& draw = round[i];
        draw.point = drawer.point(tally.done + static_cast<std::int64_t>(i));
        if (legal(space, draw.point)) draw.score = scorers.local()(draw.point);
      });
    });
    more = take(round, options_.valid_samples, bound, on_progress, tally);
    if (on_progress) {
      Progress progress{std::nullopt, bound, tally.done};
      if (tally.incumbent.best()) progress.incumbent = tally.incumbent.best()->score;
      on_progress(progress);
    }
  }
  MapResult result = best_result(problem, space, tally.incumbent);
  // What was stopped is not what the same question would get next time.
  if (budget.stopped() && result.proof == Proof::feasible) result.proof = Proof::budget_spent;
  if (options_.imperfect) result.space = "level-structured mappings, imperfect factors";
  result.evaluations = result.draws = tally.done;
  return result;
}

}  // namespace tileloom::mapper
