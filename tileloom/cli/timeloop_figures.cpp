#include "tileloom/cli/timeloop_figures.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "tileloom/io/reference/timeloop.hpp"
#include "tileloom/report/timeloop_cost.hpp"
#include "tileloom/support/file.hpp"
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

Result<void> show_timeloop_figures(const driver::TimeloopCost& cost, const std::string& file) {
  std::fputs(report::timeloop_table(cost.arch, cost.problem, cost.stats).c_str(), stdout);
  if (file.empty()) return {};
  const nlohmann::json document = {
      {"schema", "tileloom.timeloop_cost/1"},
      {"figures", io::reference::figures(cost.arch, cost.problem, cost.stats)}};
  return write_file(file, document.dump(2) + "\n");
}

}  // namespace tileloom::cli
