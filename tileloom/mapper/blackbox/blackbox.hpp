#pragma once
#include "tileloom/mapper/genome_judge.hpp"

namespace tileloom::mapper {

/// General-purpose optimisers, as pagmo2 implements them.
enum class Optimiser : std::uint8_t {
  pso,    ///< particle swarm
  de,     ///< differential evolution, rand/1/exp
  es,     ///< (1+1)-ES: one individual, one mutant
  cmaes,  ///< covariance matrix adaptation
  ga,     ///< standard genetic algorithm
  nsga2,  ///< two objectives at once: energy and latency
};

struct BlackboxOptions {
  Optimiser optimiser = Optimiser::pso;
  /// Individuals; (1+1)-ES has one, CMA-ES 4 + 3 ln n for n numbers (Hansen 2001). A multiple of
  /// four for NSGA-II.
  std::size_t population = 40;
};

/// Searches the genomes (docs/mapping_search.md, section 7) as points of the unit cube. Exactly the
/// budget's evaluations are used, those of invalid mappings included; an optimiser that ends by
/// itself begins anew with other random numbers. Sequential.
class BlackboxMapper final : public Mapper {
 public:
  explicit BlackboxMapper(BlackboxOptions options) : options_(options) {}
  MapResult map(const Problem& problem, const Budget& budget,
                const OnProgress& on_progress) const override;

 private:
  BlackboxOptions options_;
};

/// Every mapping of a run that is not worse than another one in both energy and latency: NSGA-II
/// is the optimiser that looks for them.
std::vector<FrontPoint> blackbox_front(const BlackboxOptions& options, const Problem& problem,
                                       const Budget& budget);

}  // namespace tileloom::mapper
