// evaluate: what a given mapping costs.

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
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

namespace tileloom::cli {
namespace {

struct EvaluateOptions {
  GivenOptions given;
  std::string profile = "tileloom";
  std::string latency = "overlapped";
};

/// Mistakes in --profile and --latency.
Diagnostics wrong_model(const EvaluateOptions& options) {
  Diagnostics mistakes;
  if (const Result<void> known = known_profile(options.profile); !known) mistakes = known.error();
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
  Result<Given> given = read_given(options.given);
  if (!given) return report_mistakes(given.error());
  if (options.profile == "timeloop") {
    // What fits is Timeloop's to say: it counts words, whatever the width of an element.
    std::erase_if(given->violations, [](const Violation& violation) {
      return violation.kind == Violation::Kind::capacity;
    });
  }
  if (!given->violations.empty()) {
    return report_violations(options.given.mapping, given->violations);
  }
  if (const Result<void> single = layer_by_layer(options.given.mapping, *given); !single) {
    return report_mistakes(single.error());
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
  add_profile_option(*verb, options->profile);
  verb->footer("Exit code: 0 evaluated, 2 bad input, 3 a capacity or a fanout is exceeded.");
  return [options] { return run_evaluate(*options); };
}

}  // namespace tileloom::cli
