// map: one operator, or a table of them.

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <memory>

#include "tileloom/cli/interrupt.hpp"
#include "tileloom/cli/map_timeloop.hpp"
#include "tileloom/cli/progress_line.hpp"
#include "tileloom/cli/search_options.hpp"
#include "tileloom/cli/subject.hpp"
#include "tileloom/cli/terminal.hpp"
#include "tileloom/cli/timeloop_figures.hpp"
#include "tileloom/cli/verb.hpp"
#include "tileloom/loop_tree/text.hpp"
#include "tileloom/report/format.hpp"
#include "tileloom/report/page/page.hpp"
#include "tileloom/report/schedule/csv.hpp"
#include "tileloom/report/schedule/front.hpp"
#include "tileloom/report/schedule/json.hpp"
#include "tileloom/report/schedule/table.hpp"
#include "tileloom/support/factors.hpp"
#include "tileloom/support/file.hpp"

namespace tileloom::cli {
namespace {

struct MapOptions {
  SearchOptions search;
  SubjectOptions subject;
  std::string mapping;
  std::string json;
  std::string csv;
  std::string page;
  std::string profile = "tileloom";
  bool progress = false;
};

/// Mistakes in --profile and in what it is combined with.
Diagnostics check_profile(const MapOptions& options) {
  Diagnostics mistakes;
  if (const Result<void> known = known_profile(options.profile); !known) return known.error();
  if (options.profile == "tileloom") return mistakes;
  mistakes = check_timeloop_search(options.search);
  if (!options.csv.empty() || !options.page.empty()) {
    mistakes.push_back({{},
                        "--profile timeloop writes no CSV and no page",
                        "leave out --csv and --page, or use --json"});
  }
  return mistakes;
}

/// Sizes with a prime factor from here on have few tiles that divide them.
constexpr std::int64_t kLargePrime = 11;

bool has_large_prime(const Rank& rank) {
  return std::ranges::any_of(prime_factors(rank.extent),
                             [](std::int64_t prime) { return prime >= kLargePrime; });
}

/// Says what `optimal` leaves out where that may matter: tiles that do not divide.
void note_perfect_factors(const SearchOptions& options, const Workload& workload,
                          const scheduler::Schedule& schedule) {
  if (options.mapper != "exact" || options.imperfect) return;
  for (const scheduler::Layer& layer : schedule.layers) {
    const Operator& op = workload.operators[layer.op];
    const auto rank = std::ranges::find_if(op.ranks, has_large_prime);
    if (layer.result.proof != Proof::optimal || rank == op.ranks.end()) continue;
    fmt::print(
        "\noptimal is among tiles that divide their sizes; sizes like {} = {} have few of them: "
        "--imperfect tries others.\n",
        report::printable(rank->name), rank->extent);
    return;
  }
}

int run_map(const MapOptions& options) {
  if (const Diagnostics mistakes = check_profile(options); !mistakes.empty()) {
    return report_mistakes(mistakes);
  }
  const Result<Search> search = read_search(options.search, read_subject(options.subject));
  if (!search) return report_mistakes(search.error());
  const Workload& workload = search->workload;
  if (!options.mapping.empty() && workload.operators.size() != 1) {
    return report_mistakes({{{},
                             fmt::format("--mapping writes one mapping, but there are {} operators",
                                         workload.operators.size()),
                             "choose one with --layer NAME"}});
  }
  if (options.profile == "timeloop") {
    return map_timeloop(*search, options.search.budget > 0, options.mapping, options.json);
  }
  catch_interrupt();
  Result<scheduler::Schedule> schedule;
  {
    ProgressLine line(options.progress);
    schedule =
        driver::schedule_network(workload, search->arch, search->request,
                                 [&](const scheduler::NetworkProgress& news) { line.show(news); });
  }
  if (!schedule) return report_mistakes(schedule.error());
  std::fputs(report::schedule_table(workload, search->arch, *schedule, table_options()).c_str(),
             stdout);
  std::fputs(report::fronts_table(workload, *schedule, table_options()).c_str(), stdout);
  note_perfect_factors(options.search, workload, *schedule);
  if (interrupted().load()) std::fputs("stopped early: the best found so far\n", stdout);
  Files files;
  if (schedule->layers.size() == 1 && schedule->layers.front().result.tree) {
    const std::string text =
        print_tree(workload, search->arch, *schedule->layers.front().result.tree);
    fmt::print("\nmapping\n{}", text);
    if (!options.mapping.empty()) files.emplace_back(options.mapping, text);
  }
  if (!options.json.empty()) {
    files.emplace_back(options.json, report::mapping_json(workload, search->arch, *schedule));
  }
  if (!options.csv.empty()) {
    files.emplace_back(options.csv, search->request.objective.front
                                        ? report::fronts_csv(workload, *schedule)
                                        : report::schedule_csv(workload, search->arch, *schedule));
  }
  if (!options.page.empty()) {
    files.emplace_back(options.page, report::mapping_page(workload, search->arch, *schedule));
  }
  if (const Result<void> written = write_files(files); !written) {
    return report_mistakes(written.error());
  }
  return exit_code(*schedule);
}

}  // namespace

Run add_map(CLI::App& app) {
  const auto options = std::make_shared<MapOptions>();
  options->search.may_want_front = true;
  CLI::App* verb = app.add_subcommand("map", "Map one operator, or a table of them");
  add_subject_options(*verb, options->subject);
  add_search_options(*verb, options->search);
  add_profile_option(*verb, options->profile);
  verb->add_option("--mapping", options->mapping, "write the mapping's text")->type_name("FILE");
  verb->add_option("--json", options->json, "also write the answer as JSON")->type_name("FILE");
  verb->add_option("--csv", options->csv, "also write the answer (or its Pareto front) as CSV")
      ->type_name("FILE");
  verb->add_option("--page", options->page, "also write the answer (and its Pareto front) as HTML")
      ->type_name("FILE");
  verb->add_flag("--progress", options->progress, "show progress even if not on a terminal");
  verb->footer(
      "Exit code: 0 mapped, 2 bad input, 3 no mapping was found. Ctrl-C ends the search, not the "
      "program: the best found so far is the answer.");
  return [options] { return run_map(*options); };
}

}  // namespace tileloom::cli
