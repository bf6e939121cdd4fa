// evaluate: what a given mapping costs.

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <cstdio>
#include <memory>

#include "tileloom/cli/given_mapping.hpp"
#include "tileloom/cli/search_options.hpp"
#include "tileloom/cli/terminal.hpp"
#include "tileloom/cli/timeloop_figures.hpp"
#include "tileloom/cli/verb.hpp"
#include "tileloom/driver/given.hpp"
#include "tileloom/driver/import_timeloop.hpp"
#include "tileloom/report/schedule/json.hpp"
#include "tileloom/support/file.hpp"
#include "tileloom/support/nearest.hpp"

namespace tileloom::cli {
namespace {

const std::array<std::string, 2> kProfiles{"tileloom", "timeloop"};

struct EvaluateOptions {
  GivenOptions given;
  std::string profile = kProfiles[0];
  std::string latency = "overlapped";
};

/// Mistakes in --profile and --latency.
Diagnostics wrong_model(const EvaluateOptions& options) {
  Diagnostics mistakes;
  if (std::ranges::find(kProfiles, options.profile) == kProfiles.end()) {
    mistakes.push_back({{},
                        fmt::format("unknown profile '{}'", options.profile),
                        suggestion(options.profile, kProfiles)});
  }
  const Result<cost::LatencyModel> latency = cost::parse_latency_model(options.latency);
  if (!latency) {
    mistakes.insert(mistakes.end(), latency.error().begin(), latency.error().end());
  } else if (options.profile == "timeloop" && *latency != cost::LatencyModel::overlapped) {
    mistakes.push_back(
        {{},
         fmt::format("the profile timeloop has no latency model '{}'", options.latency),
         "leave out --latency: Timeloop's own is overlapped"});
  }
  return mistakes;
}

int evaluate_tileloom(const EvaluateOptions& options, const Given& given) {
  const scheduler::Schedule schedule = driver::evaluate_tree(
      given.workload, given.arch, given.tree, *cost::parse_latency_model(options.latency));
  std::fputs(report::schedule_table(given.workload, given.arch, schedule, table_options()).c_str(),
             stdout);
  if (options.given.json.empty()) return kOk;
  const Result<void> written =
      write_file(options.given.json, report::schedule_json(given.workload, given.arch, schedule));
  return written ? kOk : report_mistakes(written.error());
}

int evaluate_timeloop(const EvaluateOptions& options, const Given& given) {
  const Result<driver::TimeloopCost> cost =
      driver::timeloop_cost(given.workload, given.arch, given.tree);
  if (!cost) return report_mistakes(cost.error());
  const Result<void> written = show_timeloop_figures(*cost, options.given.json);
  return written ? kOk : report_mistakes(written.error());
}

int run_evaluate(const EvaluateOptions& options) {
  if (const Diagnostics mistakes = wrong_model(options); !mistakes.empty()) {
    return report_mistakes(mistakes);
  }
  const Result<Given> given = read_given(options.given);
  if (!given) return report_mistakes(given.error());
  if (!given->violations.empty()) {
    return report_violations(options.given.mapping, given->violations);
  }
  return options.profile == "timeloop" ? evaluate_timeloop(options, *given)
                                       : evaluate_tileloom(options, *given);
}

}  // namespace

Run add_evaluate(CLI::App& app) {
  const auto options = std::make_shared<EvaluateOptions>();
  CLI::App* verb = app.add_subcommand("evaluate", "What a given mapping costs");
  add_given_options(*verb, options->given);
  add_latency_option(*verb, options->latency);
  verb->add_option("--profile", options->profile,
                   "whose conventions count: tileloom, or timeloop (docs/cost_model.md, section 7)")
      ->capture_default_str();
  verb->footer("Exit code: 0 evaluated, 2 bad input, 3 a capacity or a fanout is exceeded.");
  return [options] { return run_evaluate(*options); };
}

}  // namespace tileloom::cli
