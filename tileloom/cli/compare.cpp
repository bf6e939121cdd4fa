// compare: several mappers on the same operators, with the proved optimum as the floor.

#include "tileloom/driver/compare.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <memory>

#include "tileloom/cli/clock.hpp"
#include "tileloom/cli/interrupt.hpp"
#include "tileloom/cli/output_folder.hpp"
#include "tileloom/cli/progress_line.hpp"
#include "tileloom/cli/search_options.hpp"
#include "tileloom/cli/subject.hpp"
#include "tileloom/cli/terminal.hpp"
#include "tileloom/cli/verb.hpp"
#include "tileloom/report/comparison/comparison_chart.hpp"
#include "tileloom/report/comparison/comparison_json.hpp"
#include "tileloom/report/comparison/comparison_table.hpp"
#include "tileloom/support/file.hpp"

namespace tileloom::cli {
namespace {

/// Samples of every search unless the user says otherwise: as in GAMMA's published comparison.
constexpr std::int64_t kEvaluations = 10'000;

struct CompareOptions {
  SearchOptions search;
  SubjectOptions subject;
  std::vector<std::string> mappers;
  std::size_t seeds = 3;
  std::int64_t floor_budget = 0;  ///< 0 = exact's default
  std::string out;
  std::string json;
  bool progress = false;
};

/// All mappers but the one that is the floor.
std::vector<std::string> rivals() {
  std::vector<std::string> names;
  for (const mapper::MapperEntry& entry : mapper::mappers()) {
    if (entry.name != "exact") names.push_back(entry.name);
  }
  return names;
}

Diagnostics name_mistakes(const std::vector<std::string>& names) {
  Diagnostics mistakes;
  for (std::size_t i = 0; i < names.size(); ++i) {
    const auto made = mapper::make_mapper(names[i], {});
    if (!made) mistakes.insert(mistakes.end(), made.error().begin(), made.error().end());
    if (std::find(names.begin(), names.begin() + static_cast<std::ptrdiff_t>(i), names[i]) !=
        names.begin() + static_cast<std::ptrdiff_t>(i)) {
      mistakes.push_back(
          {{}, fmt::format("mapper '{}' is given twice", names[i]), "name every mapper once"});
    }
  }
  return mistakes;
}

driver::CompareRequest request_of(const CompareOptions& options, const Search& search,
                                  const std::vector<std::string>& mappers) {
  driver::CompareRequest request;
  request.objective = search.request.objective;
  request.mappers = mappers;
  request.options = search.request.options;
  request.budget = search.request.budget;
  request.budget.evaluations = options.search.budget > 0 ? options.search.budget : kEvaluations;
  for (std::size_t i = 0; i < options.seeds; ++i) request.seeds.push_back(options.search.seed + i);
  request.floor_evaluations =
      options.floor_budget > 0 ? options.floor_budget : driver::default_evaluations("exact");
  request.constraints = search.request.constraints;
  return request;
}

Result<void> write_all(const std::optional<OutputFolder>& folder, const std::string& json,
                       const report::Comparison& comparison) {
  Files files;
  if (folder) {
    folder->add({{"comparison.json", report::comparison_json(comparison)},
                 {"comparison.csv", report::comparison_csv(comparison)},
                 {"comparison.svg", report::comparison_chart(comparison)}},
                files);
  }
  if (!json.empty()) files.emplace_back(json, report::comparison_json(comparison));
  return write_files(files);
}

int run_compare(const CompareOptions& options) {
  const std::vector<std::string> mappers = options.mappers.empty() ? rivals() : options.mappers;
  SearchOptions asked = options.search;
  asked.searcher = searcher(mappers);
  const Result<Search> search = read_search(asked, read_subject(options.subject));
  Diagnostics mistakes = name_mistakes(mappers);
  if (!search) mistakes.insert(mistakes.end(), search.error().begin(), search.error().end());
  if (!mistakes.empty()) return report_mistakes(mistakes);
  const Result<std::optional<OutputFolder>> folder = OutputFolder::open_if_named(options.out);
  if (!folder) return report_mistakes(folder.error());
  catch_interrupt();
  Result<report::Comparison> comparison;
  {
    ProgressLine line(options.progress, "searches");
    comparison =
        driver::compare(search->workload, search->arch, request_of(options, *search, mappers),
                        thread_seconds, [&](const driver::CompareProgress& news) {
                          line.show({news.done, news.all, news.search, news.news});
                        });
  }
  if (!comparison) return report_mistakes(comparison.error());
  std::fputs(report::comparison_table(*comparison, table_options()).c_str(), stdout);
  if (interrupted().load()) std::fputs("stopped early: the best found so far\n", stdout);
  const Result<void> written = write_all(*folder, options.json, *comparison);
  if (!written) return report_mistakes(written.error());
  const bool impossible = std::ranges::any_of(
      comparison->layers, [](const auto& layer) { return layer.floor.proof == Proof::infeasible; });
  return impossible ? kInfeasible : kOk;
}

}  // namespace

Run add_compare(CLI::App& app) {
  const auto options = std::make_shared<CompareOptions>();
  CLI::App* verb = app.add_subcommand(
      "compare", "Several mappers on the same operators, with the proved optimum as the floor");
  add_subject_options(*verb, options->subject);
  add_problem_options(*verb, options->search);
  verb->add_option("--mappers", options->mappers,
                   "names with commas between (see 'list'); all but exact if not given")
      ->delimiter(',');
  verb->add_option("--seeds", options->seeds, "runs of every mapper: seeds SEED, SEED+1, ...")
      ->check(CLI::Range(std::size_t{1}, std::size_t{1000}))
      ->capture_default_str();
  verb->add_option("--floor-budget", options->floor_budget,
                   "evaluations per operator for the floor; 0 = exact's default")
      ->check(CLI::Range(std::int64_t{0}, std::int64_t{1'000'000'000'000}));
  verb->add_option("--out", options->out, "folder for comparison.json, .csv and .svg")
      ->type_name("DIR");
  verb->add_option("--json", options->json, "also write the comparison as JSON")->type_name("FILE");
  verb->add_flag("--progress", options->progress, "show progress even if not on a terminal");
  verb->footer("Exit code: 0 compared, 2 bad input, 3 an operator has no valid mapping.");
  return [options] { return run_compare(*options); };
}

}  // namespace tileloom::cli
