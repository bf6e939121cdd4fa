// map: one operator, or a table of them.

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>

#include "tileloom/cli/interrupt.hpp"
#include "tileloom/cli/progress_line.hpp"
#include "tileloom/cli/search_options.hpp"
#include "tileloom/cli/subject.hpp"
#include "tileloom/cli/terminal.hpp"
#include "tileloom/cli/verb.hpp"
#include "tileloom/loop_tree/text.hpp"
#include "tileloom/report/page/page.hpp"
#include "tileloom/report/schedule/csv.hpp"
#include "tileloom/report/schedule/front.hpp"
#include "tileloom/report/schedule/json.hpp"
#include "tileloom/report/schedule/table.hpp"
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
  bool progress = false;
};

int run_map(const MapOptions& options) {
  const Result<Search> search = read_search(options.search, read_subject(options.subject));
  if (!search) return report_mistakes(search.error());
  const Workload& workload = search->workload;
  if (!options.mapping.empty() && workload.operators.size() != 1) {
    return report_mistakes({{{},
                             fmt::format("--mapping writes one mapping, but there are {} operators",
                                         workload.operators.size()),
                             "choose one with --layer NAME"}});
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
  if (interrupted().load()) std::fputs("stopped early: the best found so far\n", stdout);
  Result<void> written;
  if (schedule->layers.size() == 1 && schedule->layers.front().result.tree) {
    const std::string text =
        print_tree(workload, search->arch, *schedule->layers.front().result.tree);
    fmt::print("\nmapping\n{}", text);
    if (!options.mapping.empty()) written = write_file(options.mapping, text);
  }
  if (written && !options.json.empty()) {
    written = write_file(options.json, report::mapping_json(workload, search->arch, *schedule));
  }
  if (written && !options.csv.empty()) {
    written = write_file(options.csv, search->request.objective.front
                                          ? report::fronts_csv(workload, *schedule)
                                          : report::schedule_csv(workload, search->arch, *schedule));
  }
  if (written && !options.page.empty()) {
    written = write_file(options.page, report::mapping_page(workload, search->arch, *schedule));
  }
  if (!written) return report_mistakes(written.error());
  return exit_code(*schedule);
}

}  // namespace

Run add_map(CLI::App& app) {
  const auto options = std::make_shared<MapOptions>();
  options->search.may_want_front = true;
  CLI::App* verb = app.add_subcommand("map", "Map one operator, or a table of them");
  add_subject_options(*verb, options->subject);
  add_search_options(*verb, options->search);
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
