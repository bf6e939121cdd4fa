#include "tileloom/cli/map_timeloop.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "tileloom/cli/interrupt.hpp"
#include "tileloom/cli/terminal.hpp"
#include "tileloom/cli/verb.hpp"
#include "tileloom/driver/map_by_timeloop.hpp"
#include "tileloom/io/reference/timeloop.hpp"
#include "tileloom/loop_tree/text.hpp"
#include "tileloom/report/format.hpp"
#include "tileloom/report/text_table.hpp"
#include "tileloom/report/timeloop_cost.hpp"
#include "tileloom/support/file.hpp"

namespace tileloom::cli {
namespace {

using Answers = std::vector<driver::MappedByTimeloop>;

std::vector<std::string> table_row(const Workload& workload, const driver::MappedByTimeloop& item) {
  const mapper::TimeloopAnswer& answer = item.answer;
  std::vector<std::string> row{report::printable(workload.operators[item.op].name),
                               to_string(answer.proof)};
  if (!answer.tree) {
    row.insert(row.end(), 5, "-");
    return row;
  }
  const cost::timeloop::Stats& stats = answer.stats;
  row.push_back(report::format_exact(stats.cycles.value));
  row.push_back(report::format_energy(stats.energy));
  row.push_back(fmt::format("{:.4g}", static_cast<double>(stats.cycles.value) * stats.energy.value));
  row.push_back(fmt::format("{:.4g}", answer.lower_bound.first));
  row.push_back(report::format_gap(mapper::gap(answer)));
  return row;
}

void print_answers(const Search& search, const Answers& answers) {
  report::TextTable table;
  table.columns = {{"operator", report::Align::left, 0, 12},
                   {"status", report::Align::left},
                   {"cycles"},
                   {"energy"},
                   {"EDP pJ*cycles"},
                   {"bound", report::Align::right, 2},
                   {"gap", report::Align::right, 1}};
  for (const driver::MappedByTimeloop& item : answers) {
    table.rows.push_back(table_row(search.workload, item));
  }
  const report::TableOptions terminal = table_options();
  std::fputs(report::render(table, terminal.width, terminal.colour).c_str(), stdout);
  fmt::print("\nLeast {} by Timeloop's conventions. Space: {}.\n",
             to_string(search.request.objective), mapper::kTimeloopSpace);
  for (const driver::MappedByTimeloop& item : answers) {
    if (item.answer.reason.empty()) continue;
    fmt::print("{}: {}\n", report::printable(search.workload.operators[item.op].name),
               item.answer.reason);
  }
}

nlohmann::json answer_json(const Search& search, const driver::MappedByTimeloop& item) {
  const mapper::TimeloopAnswer& answer = item.answer;
  nlohmann::json entry = {{"name", search.workload.operators[item.op].name},
                          {"status", to_string(answer.proof)},
                          {"space", mapper::kTimeloopSpace},
                          {"lower_bound", {answer.lower_bound.first, answer.lower_bound.second}},
                          {"evaluations", answer.evaluations},
                          {"time_s", item.seconds},
                          {"reason", answer.reason},
                          {"value", nullptr},
                          {"gap", nullptr},
                          {"mapping", nullptr},
                          {"figures", nullptr}};
  if (!answer.tree) return entry;
  entry["value"] = {answer.score.first, answer.score.second};
  entry["gap"] = mapper::gap(answer);
  entry["mapping"] = print_tree(search.workload, search.arch, *answer.tree);
  entry["figures"] = io::reference::figures(item.nouns.arch, item.nouns.problem, answer.stats);
  return entry;
}

std::string answers_json(const Search& search, const Answers& answers) {
  nlohmann::json operators = nlohmann::json::array();
  for (const driver::MappedByTimeloop& item : answers) {
    operators.push_back(answer_json(search, item));
  }
  const nlohmann::json document = {{"schema", "tileloom.timeloop_mapping/1"},
                                   {"architecture", search.arch.name},
                                   {"objective", to_string(search.request.objective)},
                                   {"operators", operators}};
  return document.dump(2) + "\n";
}

}  // namespace

Diagnostics check_timeloop_search(const SearchOptions& options) {
  Diagnostics mistakes;
  const auto refuse = [&](const std::string& what, const std::string& hint) {
    mistakes.push_back({{}, "--profile timeloop " + what, hint});
  };
  if (options.mapper != "exact") {
    refuse(fmt::format("does not go with --mapper {}", options.mapper), "leave out --mapper");
  }
  if (options.imperfect) {
    refuse("does not go with --imperfect", "leave it out: Timeloop's model has no partial tiles");
  }
  if (options.latency != "overlapped") {
    refuse(fmt::format("does not go with --latency {}", options.latency),
           "leave out --latency: Timeloop's own is overlapped");
  }
  if (options.objective == "pareto") {
    refuse("does not go with --objective pareto", "choose latency, energy, edp or two of them");
  }
  return mistakes;
}

int map_timeloop(const Search& search, bool budget_given, const std::string& mapping,
                 const std::string& json) {
  driver::SearchRequest request = search.request;
  if (!budget_given) request.budget.evaluations = driver::kTimeloopEvaluations;
  catch_interrupt();
  const Result<Answers> answers = driver::map_by_timeloop(search.workload, search.arch, request);
  if (!answers) return report_mistakes(answers.error());
  print_answers(search, *answers);
  if (interrupted().load()) std::fputs("stopped early: the best found so far\n", stdout);
  Files files;
  if (const driver::MappedByTimeloop& only = answers->front();
      answers->size() == 1 && only.answer.tree) {
    fmt::print("\n{}", report::timeloop_table(only.nouns.arch, only.nouns.problem,
                                              only.answer.stats));
    const std::string text = print_tree(search.workload, search.arch, *only.answer.tree);
    fmt::print("\nmapping\n{}", text);
    if (!mapping.empty()) files.emplace_back(mapping, text);
  }
  if (!json.empty()) files.emplace_back(json, answers_json(search, *answers));
  if (const Result<void> written = write_files(files); !written) {
    return report_mistakes(written.error());
  }
  const bool whole = std::ranges::all_of(*answers, [](const driver::MappedByTimeloop& item) {
    return item.answer.tree.has_value();
  });
  return whole ? kOk : kInfeasible;
}

}  // namespace tileloom::cli
