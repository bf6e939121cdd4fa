#pragma once
// The genetic search itself: generations of genomes of one space.

#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "tileloom/cost/evaluator.hpp"
#include "tileloom/mapper/gamma/options.hpp"
#include "tileloom/mapper/genome.hpp"
#include "tileloom/mapper/mapper.hpp"

namespace tileloom::mapper::gamma {

/// What is looked for: the least score among the mappings within the limits.
struct Goal {
  cost::Objective objective;
  std::optional<double> most_cycles;
  std::optional<double> most_picojoules;
  /// What else a mapping must be (hardware co-search: within the area); null = nothing.
  std::function<bool(const Genome&)> accepts;
};

struct Found {
  cost::Score score;
  Genome genome;
};

struct Outcome {
  std::optional<Found> best;
  std::int64_t samples = 0;  ///< genomes scored or found illegal
  std::int64_t legal = 0;    ///< of them legal and within the limits
};

/// `start`: genomes of the first generation (two-stage mode: the answers of the first stage).
/// `on_progress` is called after every generation.
Outcome search(const GenomeSpace& space, const GammaOptions& options, const Goal& goal,
               const Budget& budget, std::span<const Genome> start,
               const std::function<void(const Outcome&)>& on_progress);

}  // namespace tileloom::mapper::gamma
