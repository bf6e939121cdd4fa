#include "tileloom/scheduler/dlfusion/dlfusion.hpp"

#include <fmt/format.h>

#include <limits>

#include "tileloom/scheduler/dlfusion/rivals.hpp"

namespace tileloom::scheduler {

std::vector<Fusion> compare_strategies(const FusionProblem& problem, const Calibration& calibration,
                                       const DlfusionOptions& options, const Budget& budget) {
  using Strategy = std::function<Fusion(BlockTimes&)>;
  std::vector<Fusion> results;
  const std::vector<std::pair<std::string, Strategy>> strategies = {
      {"none", no_optimisation},
      {"fixed_cores", fixed_cores},
      {"dynamic_cores", dynamic_cores},
      {"all_fused", all_fused},
      {"fixed_blocks", fixed_blocks},
      {"dlfusion",
       [&](BlockTimes& times) { return joint_greedy(times, calibration, options.greedy); }},
      {"brute_force", reduced_brute_force},
      {"optimal", [&](BlockTimes& times) {
         OptimumOptions wanted = options.optimum;
         for (const Fusion& rival : results) {
           for (const FusedBlock& block : rival.blocks) wanted.besides.push_back(block.units);
         }
         return optimum(times, wanted, budget);
       }}};
  const auto now = [&] { return options.now ? options.now() : 0.0; };
  for (const auto& [name, strategy] : strategies) {
    if (options.on_strategy) options.on_strategy(name);
    std::int64_t plans = 0;
    BlockTimes times(problem,
                     options.back_end ? options.back_end(plans) : model_back_end(problem, plans));
    const double start = now();
    Fusion fusion = strategy(times);
    fusion.seconds = now() - start;
    fusion.plans = plans;
    if (name == "optimal" || name == "dlfusion") explain_boundaries(times, fusion);
    results.push_back(std::move(fusion));
  }
  return results;
}

void explain_boundaries(BlockTimes& times, Fusion& fusion) {
  const FusionProblem& problem = times.problem();
  const std::vector<std::int64_t> counts = core_counts(problem.machine.cores);
  for (std::size_t i = 0; i < fusion.blocks.size(); ++i) {
    FusedBlock& block = fusion.blocks[i];
    if (i + 1 == fusion.blocks.size()) {
      block.boundary = "the network ends here";
      continue;
    }
    const FusedBlock& next = fusion.blocks[i + 1];
    std::vector<UnitId> both = block.units;
    both.insert(both.end(), next.units.begin(), next.units.end());
    const auto joined = times.best(both, counts, kNever);
    const double apart = block.choice.cycles + next.choice.cycles;
    if (!joined) {
      block.boundary = "together with the next block it does not fit on the cores";
    } else if (joined->cycles >= apart) {
      const double redundant = joined->cost.work / joined->cost.useful - 1;
      block.boundary = fmt::format(
          "with the next block in one: {:.0f} cycles on {} cores instead of {:.0f} ({:+.1f} %), "
          "{:.0f} % "
          "of the work done twice, {:.1f} KiB from and to memory instead of {:.1f}",
          joined->cycles, joined->cores, apart, 100 * (joined->cycles / apart - 1), 100 * redundant,
          joined->cost.dram_bits / 8192,
          (block.choice.cost.dram_bits + next.choice.cost.dram_bits) / 8192);
    } else {
      block.boundary = fmt::format(
          "with the next block in one it would take {:.1f} % fewer cycles, but not fit this "
          "strategy",
          100 * (1 - joined->cycles / apart));
    }
  }
}

}  // namespace tileloom::scheduler
