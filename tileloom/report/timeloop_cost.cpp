#include "tileloom/report/timeloop_cost.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace tileloom::report {

std::string timeloop_table(const cost::timeloop::Arch& arch, const cost::timeloop::Problem& problem,
                           const cost::timeloop::Stats& stats) {
  using cost::timeloop::SpaceId;
  std::size_t level_width = 5;
  std::size_t space_width = 6;
  for (const auto& level : arch.levels) level_width = std::max(level_width, level.name.size());
  for (const auto& space : problem.spaces) space_width = std::max(space_width, space.name.size());

  std::string text = fmt::format(
      "By Timeloop's conventions: {} cycles, {:.2f} % of the MACs in use, {:.6g} pJ\n\n",
      stats.cycles.value, 100 * stats.utilization, stats.energy.value);
  text +=
      fmt::format("{:<{}}  {:<{}}  {:>12}  {:>14}  {:>14}  {:>14}  {:>14}\n", "level", level_width,
                  "tensor", space_width, "tile", "reads", "fills", "updates", "energy pJ");
  for (std::size_t s = arch.levels.size(); s-- > 0;)
    for (const SpaceId space : ids<SpaceId>(problem.spaces.size())) {
      const auto& storage = stats.levels[s].spaces[space];
      if (!storage.kept) continue;
      text += fmt::format("{:<{}}  {:<{}}  {:>12}  {:>14}  {:>14}  {:>14}  {:>14.6g}\n",
                          arch.levels[s].name, level_width, problem.spaces[space].name, space_width,
                          storage.tile_size, storage.reads, storage.fills, storage.updates,
                          storage.energy.value);
    }
  return text + "\nCounts are words of one instance, energies those of all instances.\n";
}

}  // namespace tileloom::report
