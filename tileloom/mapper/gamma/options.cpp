#include "tileloom/mapper/gamma/options.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace tileloom::mapper {

GammaOptions as_published() {
  GammaOptions options;
  options.levels = 2;
  options.ranks = 1;
  options.population = 100;
  options.parents = 0.40;
  options.elites = 0.05;
  options.fit = options.seeded = options.guided = options.bypass = options.renew = false;
  options.niche = 0;
  return options;
}

std::string identity(const GammaOptions& options) {
  std::string text = fmt::format(
      "levels={} ranks={} population={} parents={} elites={} crossover={} reorder={} "
      "mutation={}x{} "
      "mutate_parallel={} growth={} aging={} fit={} seeded={} guided={} bypass={} renew={} "
      "guided_share={} patience={} niche={}",
      options.levels, options.ranks, options.population, options.parents, options.elites,
      options.crossover, options.reorder, options.mutation, options.mutation_tries,
      options.mutate_parallel, options.growth, options.aging, options.fit, options.seeded,
      options.guided, options.bypass, options.renew, options.guided_share, options.patience,
      options.niche);
  if (!options.dataflow.empty()) text += " dataflow=" + options.dataflow;
  for (const PartRule& rule : options.rules) {
    text += fmt::format(" part{}=[{}]x{}", rule.part, fmt::join(rule.ranks, ","),
                        rule.positions.value_or(0));
  }
  return text;
}

}  // namespace tileloom::mapper
