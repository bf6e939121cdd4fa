#pragma once
// What a search over genomes minimises, and what it has found so far.

#include <cstdint>
#include <optional>
#include <vector>

#include "tileloom/mapper/genome_scorer.hpp"
#include "tileloom/mapper/mapper.hpp"

namespace tileloom::mapper {

/// What one genome is worth to a search. `value` and `penalty` are pure numbers.
struct Fitness {
  /// Of a valid mapping; absent if the repaired genome is not one.
  std::optional<cost::QuickCost> cost;
  /// What the search minimises: ln of the objective, and a trifle of ln of its tie-breaker; with
  /// `penalty` instead if the mapping is not valid.
  double value = 0;
  /// 0 if valid; else more than any objective's logarithm and graded: 1000 + Σ log2(needed bits /
  /// capacity) over memories that are too small, or 2000 for broken rules.
  double penalty = 0;
};

/// A valid mapping that no other one found is better than in both energy and latency.
struct FrontPoint {
  double cycles = 0;
  double picojoules = 0;
  Genome genome;
};

/// Repairs, scores, counts and remembers. Every call is one evaluation.
class GenomeJudge {
 public:
  GenomeJudge(const GenomeSpace& space, const Problem& problem, const Budget& budget,
              const OnProgress& on_progress);

  /// True if the budget is used up or the user stopped the search.
  bool spent() const { return evaluations_ >= budget_.evaluations || budget_.stopped(); }
  /// Repairs the genome, cuts tiles until they fit, and scores it.
  Fitness operator()(Genome& genome);

  /// The best mapping so far with what a mapper says about it.
  MapResult result() const;
  /// By ascending cycles.
  const std::vector<FrontPoint>& front() const { return front_; }
  std::int64_t evaluations() const { return evaluations_; }

 private:
  Fitness invalid(const Genome& genome);
  void remember(const cost::QuickCost& cost, const Genome& genome);
  void add_to_front(const cost::QuickCost& cost, const Genome& genome);

  const GenomeSpace& space_;
  const Problem& problem_;
  const Budget& budget_;
  const OnProgress& on_progress_;
  cost::Score bound_;
  GenomeScorer scorer_;
  Chunks chunks_;
  std::int64_t evaluations_ = 0;
  std::optional<cost::Score> best_score_;
  Genome best_;
  std::vector<FrontPoint> front_;
};

}  // namespace tileloom::mapper
