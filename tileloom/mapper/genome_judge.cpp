#include "tileloom/mapper/genome_judge.hpp"

#include <algorithm>
#include <cmath>

#include "tileloom/mapper/genome_repair.hpp"
#include "tileloom/mapper/incumbent.hpp"

namespace tileloom::mapper {
namespace {

/// Weight of the second objective's logarithm: below any difference in the first worth having.
constexpr double kTieBreak = 1e-9;
constexpr double kTooLarge = 1000;
constexpr double kBroken = 2000;

double logarithm(const cost::Objective& objective, const cost::Score& score) {
  const double first = std::log(std::max(score.first, 1e-300));
  if (!objective.second) return first;
  return first + kTieBreak * std::log(std::max(score.second, 1e-300));
}

}  // namespace

GenomeJudge::GenomeJudge(const GenomeSpace& space, const Problem& problem, const Budget& budget,
                         const OnProgress& on_progress)
    : space_(space),
      problem_(problem),
      budget_(budget),
      on_progress_(on_progress),
      bound_(bound_score(space.map, problem.objective)),
      scorer_(space) {}

Fitness GenomeJudge::operator()(Genome& genome) {
  ++evaluations_;
  repair(space_, genome, chunks_);
  shrink_to_fit(space_, genome, chunks_);
  const std::optional<cost::QuickCost> cost = scorer_(genome);
  if (!cost) return invalid(genome);
  remember(*cost, genome);
  const cost::Score score = cost::score(
      problem_.objective, {static_cast<std::int64_t>(cost->cycles)}, {cost->picojoules});
  return {cost, logarithm(problem_.objective, score), 0};
}

Fitness GenomeJudge::invalid(const Genome& genome) {
  double over = 0;
  for (const MemoryId memory : ids<MemoryId>(space_.map.arch->memories.size())) {
    const std::optional<Bits> capacity = space_.map.arch->memories[memory].capacity;
    if (!capacity) continue;
    const std::int64_t needed = bits_needed(space_, genome, memory, chunks_);
    if (needed <= capacity->value) continue;
    over += std::log2(static_cast<double>(needed) /
                      static_cast<double>(std::max<std::int64_t>(capacity->value, 1)));
  }
  const double penalty = over > 0 ? kTooLarge + over : kBroken;
  return {std::nullopt, penalty, penalty};
}

void GenomeJudge::remember(const cost::QuickCost& cost, const Genome& genome) {
  add_to_front(cost, genome);
  const cost::Score score =
      cost::score(problem_.objective, {static_cast<std::int64_t>(cost.cycles)}, {cost.picojoules});
  if (best_score_ && *best_score_ <= score) return;
  best_score_ = score;
  best_ = genome;
  if (on_progress_) on_progress_({score, bound_, evaluations_});
}

void GenomeJudge::add_to_front(const cost::QuickCost& cost, const Genome& genome) {
  // By ascending cycles energies fall, so only the neighbour with no more cycles can be better.
  const auto after = std::ranges::upper_bound(front_, cost.cycles, {}, &FrontPoint::cycles);
  if (after != front_.begin() && std::prev(after)->picojoules <= cost.picojoules) return;
  const auto first = std::ranges::lower_bound(front_, cost.cycles, {}, &FrontPoint::cycles);
  auto last = first;
  while (last != front_.end() && last->picojoules >= cost.picojoules) ++last;
  const auto place = front_.erase(first, last);
  front_.insert(place, {cost.cycles, cost.picojoules, genome});
}

MapResult GenomeJudge::result() const {
  MapResult result;
  if (best_score_) {
    result = answer(problem_, tree_of(space_, best_));
    result.proof = *best_score_ <= bound_ ? Proof::optimal : Proof::feasible;
  }
  result.space = "genomes: loop orders, tiles of any size, parts of axes and placement";
  result.lower_bound = bound_;
  result.evaluations = result.draws = evaluations_;
  return result;
}

}  // namespace tileloom::mapper
