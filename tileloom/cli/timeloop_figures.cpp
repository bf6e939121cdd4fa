#include "tileloom/cli/timeloop_figures.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "tileloom/io/reference/timeloop.hpp"
#include "tileloom/report/timeloop_cost.hpp"
#include "tileloom/support/nearest.hpp"

namespace tileloom::cli {
namespace {

const std::array<std::string, 2> kProfiles{"tileloom", "timeloop"};

}  // namespace

void add_profile_option(CLI::App& verb, std::string& profile) {
  verb.add_option("--profile", profile,
                  "whose conventions count: tileloom, or timeloop (docs/cost_model.md, section 7)")
      ->capture_default_str();
}

Result<void> known_profile(const std::string& profile) {
  if (std::ranges::find(kProfiles, profile) != kProfiles.end()) return {};
  return mistake({}, fmt::format("unknown profile '{}'", profile), suggestion(profile, kProfiles));
}

std::string timeloop_figures_table(const driver::TimeloopCost& cost) {
  return report::timeloop_table(cost.arch, cost.problem, cost.stats);
}

std::string timeloop_figures_json(const driver::TimeloopCost& cost) {
  const nlohmann::json document = {
      {"schema", "tileloom.timeloop_cost/1"},
      {"figures", io::reference::figures(cost.arch, cost.problem, cost.stats)}};
  return document.dump(2) + "\n";
}

}  // namespace tileloom::cli
