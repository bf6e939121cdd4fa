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
#include "tileloom/driver/given_stacks.hpp"
#include "tileloom/driver/import_timeloop.hpp"
#include "tileloom/driver/replay_given.hpp"
#include "tileloom/loop_tree/fused_stack.hpp"
#include "tileloom/report/schedule/json.hpp"
#include "tileloom/report/stacks/fused_files.hpp"
#include "tileloom/report/stacks/fused_table.hpp"
#include "tileloom/report/stacks/replay_report.hpp"
#include "tileloom/support/file.hpp"

namespace tileloom::cli {
namespace {

struct EvaluateOptions {
  GivenOptions given;
  std::string profile = "tileloom";
  std::string latency = "overlapped";
  bool replay = false;
};

/// Mistakes in --profile, --latency and --replay.
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
  if (options.profile == "timeloop" && options.replay) {
    mistakes.push_back({{},
                        "--replay executes what the mapping means here, not in Timeloop",
                        "leave out --replay or --profile timeloop"});
  }
  return mistakes;
}

/// What the model says, as text and as JSON.
struct Answer {
  std::string table;
  std::string json;
};

Answer costed(const Given& given, cost::LatencyModel latency) {
  if (is_layer_by_layer(given.tree)) {
    const scheduler::Schedule schedule =
        driver::evaluate_tree(given.workload, given.arch, given.tree, latency);
    return {report::schedule_table(given.workload, given.arch, schedule, table_options()),
            report::schedule_json(given.workload, given.arch, schedule)};
  }
  const scheduler::FusedSchedule schedule =
      driver::evaluate_stacks(given.workload, given.arch, given.tree);
  const report::StackDetails details = report::details_of(given.workload, given.arch, schedule);
  return {report::fused_table(given.workload, given.arch, schedule, table_options()),
          report::fused_json(given.workload, given.arch, schedule, details)};
}

int evaluate_tileloom(const EvaluateOptions& options, const Given& given) {
  const cost::LatencyModel latency = *cost::parse_latency_model(options.latency);
  Answer answer = costed(given, latency);
  int code = kOk;
  if (options.replay) {
    const Result<report::ReplayReport> replay =
        driver::replay_given(given.workload, given.arch, given.tree, latency);
    if (!replay) return report_mistakes(replay.error());
    answer.table += report::replay_table(given.workload, given.arch, *replay);
    answer.json = report::with_replay(answer.json, given.workload, given.arch, *replay);
    if (!replay->agrees()) code = kDisagree;
  }
  std::fputs(answer.table.c_str(), stdout);
  if (options.given.json.empty()) return code;
  const Result<void> written = write_file(options.given.json, answer.json);
  return written ? code : report_mistakes(written.error());
}

int evaluate_timeloop(const EvaluateOptions& options, const Given& given) {
  const Result<driver::TimeloopCost> cost =
      driver::timeloop_cost(given.workload, given.arch, given.tree);
  if (!cost) return report_mistakes(cost.error());
  std::fputs(timeloop_figures_table(*cost).c_str(), stdout);
  if (options.given.json.empty()) return kOk;
  const Result<void> written = write_file(options.given.json, timeloop_figures_json(*cost));
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
  const bool stacks = options.profile == "tileloom" && options.latency == "overlapped";
  const Result<void> costable = stacks ? one_part_at_a_time(options.given.mapping, *given)
                                       : layer_by_layer(options.given.mapping, *given);
  if (!costable) return report_mistakes(costable.error());
  return options.profile == "timeloop" ? evaluate_timeloop(options, *given)
                                       : evaluate_tileloom(options, *given);
}

}  // namespace

Run add_evaluate(CLI::App& app) {
  const auto options = std::make_shared<EvaluateOptions>();
  CLI::App* verb = app.add_subcommand("evaluate", "What a given mapping or fused schedule costs");
  add_given_options(*verb, options->given);
  add_latency_option(*verb, options->latency);
  add_profile_option(*verb, options->profile);
  verb->add_flag("--replay", options->replay,
                 "also execute the mapping element by element: are results, bits through every port, "
                 "peaks and time what the cost model says? (small mappings only)");
  verb->footer(
      "Exit code: 0 evaluated, 1 --replay disagrees, 2 bad input, 3 a capacity or a fanout is "
      "exceeded.");
  return [options] { return run_evaluate(*options); };
}

}  // namespace tileloom::cli
