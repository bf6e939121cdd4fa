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

Point nth_point(const MapSpace& space, const PerfectSampler& sampler,
                const std::vector<std::vector<std::uint32_t>>& all_placements, bool imperfect,
                std::uint64_t seed, std::int64_t number) {
  if (number == 0) return trivial_point(space);
  Random random = generator(seed, number);
  return imperfect ? draw_imperfect(space, all_placements, random) : sampler.draw(random);
}

}  // namespace

MapResult RandomMapper::map(const Problem& problem, const Budget& budget,
                            const OnProgress& on_progress) const {
  const MapSpace space =
      make_map_space(problem.workload, problem.op, problem.arch, problem.constraints);
  MapResult result;
  result.space = options_.imperfect ? "level-structured mappings, imperfect factors"
                                    : "level-structured mappings, perfect factors";
  result.reason = why_infeasible(space);
  if (!result.reason.empty()) {
    result.proof = Proof::infeasible;
    return result;
  }
  const PerfectSampler sampler(space);
  const std::vector<std::vector<std::uint32_t>> all_placements = placements(space);
  const cost::Score bound = bound_score(space, problem.objective);
  const std::int64_t draws = std::max<std::int64_t>(1, budget.evaluations);
  Incumbent incumbent;
  std::int64_t done = 0;
  tbb::enumerable_thread_specific<Scorer> scorers([&] { return Scorer(space, problem.objective); });
  tbb::task_arena arena(budget.threads > 0 ? budget.threads : tbb::task_arena::automatic);
  while (done < draws && (done == 0 || !budget.stopped())) {
    std::vector<Draw> round(static_cast<std::size_t>(std::min(kRound, draws - done)));
    arena.execute([&] {
      tbb::parallel_for(std::size_t{0}, round.size(), [&](std::size_t i) {
        Draw& draw = round[i];
        draw.point = nth_point(space, sampler, all_placements, options_.imperfect, budget.seed,
                               done + static_cast<std::int64_t>(i));
        if (legal(space, draw.point)) draw.score = scorers.local()(draw.point);
      });
    });
    for (std::size_t i = 0; i < round.size(); ++i) {
      if (!round[i].score) continue;
      incumbent.offer(*round[i].score, done + static_cast<std::int64_t>(i), round[i].point);
    }
    done += static_cast<std::int64_t>(round.size());
    if (on_progress) {
      Progress progress{std::nullopt, bound, done};
      if (incumbent.best()) progress.incumbent = incumbent.best()->score;
      on_progress(progress);
    }
  }
  result.lower_bound = bound;
  result.evaluations = done;
  if (!incumbent.best()) return result;
  const std::string space_name = result.space;
  result = answer(problem, space, incumbent.best()->point);
  result.space = space_name;
  result.proof = incumbent.best()->score <= bound ? Proof::optimal : Proof::feasible;
  result.lower_bound = bound;
  result.evaluations = done;
  return result;
}

}  // namespace tileloom::mapper
