// explain: which loops cause an access count, and where every picojoule comes from.

#include "tileloom/report/schedule/explain.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <memory>

#include "tileloom/cli/given_mapping.hpp"
#include "tileloom/cli/interrupt.hpp"
#include "tileloom/cli/progress_line.hpp"
#include "tileloom/cli/search_options.hpp"
#include "tileloom/cli/terminal.hpp"
#include "tileloom/cli/verb.hpp"
#include "tileloom/driver/given.hpp"
#include "tileloom/report/schedule/json.hpp"
#include "tileloom/support/file.hpp"
#include "tileloom/support/nearest.hpp"

namespace tileloom::cli {
namespace {

struct ExplainArguments {
  SearchOptions search;
  SubjectOptions subject;
  std::string mapping;
  std::string tensor;
  std::string memory;
  std::string json;
  bool progress = false;
};

/// What is explained.
struct Subject {
  Workload workload;
  Architecture arch;
  scheduler::Schedule schedule;
};

/// The mapping the user brings; or the exit code, with what is wrong printed.
tl::expected<Subject, int> given_subject(const ExplainArguments& arguments) {
  const Diagnostics idle = unheeded_options(*arguments.search.verb, {"a mapping that is given", {}});
  if (!idle.empty()) return tl::unexpected(report_mistakes(idle));
  Result<Given> given =
      read_given({arguments.subject, arguments.search.arch, arguments.mapping, arguments.json});
  if (!given) return tl::unexpected(report_mistakes(given.error()));
  const Result<cost::LatencyModel> latency = cost::parse_latency_model(arguments.search.latency);
  if (!latency) return tl::unexpected(report_mistakes(latency.error()));
  if (!given->violations.empty()) {
    return tl::unexpected(report_violations(arguments.mapping, given->violations));
  }
  if (const Result<void> single = layer_by_layer(arguments.mapping, *given); !single) {
    return tl::unexpected(report_mistakes(single.error()));
  }
  scheduler::Schedule schedule =
      driver::evaluate_tree(given->workload, given->arch, given->tree, *latency);
  return Subject{std::move(given->workload), std::move(given->arch), std::move(schedule)};
}

/// The best mappings that a search finds or has found before.
tl::expected<Subject, int> found_subject(const ExplainArguments& arguments) {
  Result<Search> search = read_search(arguments.search, read_subject(arguments.subject));
  if (!search) return tl::unexpected(report_mistakes(search.error()));
  catch_interrupt();
  Result<scheduler::Schedule> schedule;
  {
    ProgressLine line(arguments.progress);
    schedule =
        driver::schedule_network(search->workload, search->arch, search->request,
                                 [&](const scheduler::NetworkProgress& news) { line.show(news); });
  }
  if (!schedule) return tl::unexpected(report_mistakes(schedule.error()));
  return Subject{std::move(search->workload), std::move(search->arch), std::move(*schedule)};
}

/// A mistake if a name stands for nothing.
Diagnostics unknown_names(const ExplainArguments& arguments, const Subject& subject) {
  Diagnostics mistakes;
  std::vector<std::string> memories;
  for (const Memory& memory : subject.arch.memories) memories.push_back(memory.name);
  if (!arguments.memory.empty() && !find_memory(subject.arch, arguments.memory)) {
    mistakes.push_back({{},
                        fmt::format("unknown memory '{}'", arguments.memory),
                        suggestion(arguments.memory, memories)});
  }
  std::vector<std::string> tensors;
  for (const scheduler::Layer& layer : subject.schedule.layers) {
    for (const Operand* operand : operands(subject.workload.operators[layer.op])) {
      tensors.push_back(subject.workload.tensors[operand->tensor].name);
    }
  }
  const bool known = std::find(tensors.begin(), tensors.end(), arguments.tensor) != tensors.end();
  if (!arguments.tensor.empty() && !known) {
    mistakes.push_back({{},
                        fmt::format("unknown tensor '{}'", arguments.tensor),
                        suggestion(arguments.tensor, tensors)});
  }
  return mistakes;
}

/// Every layer's counts; kInfeasible if some layer has no mapping.
int print_explanations(const ExplainArguments& arguments, const Subject& subject) {
  report::ExplainOptions options;
  if (!arguments.tensor.empty()) options.tensor = arguments.tensor;
  if (!arguments.memory.empty()) options.memory = arguments.memory;
  options.width = table_options().width;
  options.latency_model = subject.schedule.latency_model;
  int code = kOk;
  for (const scheduler::Layer& layer : subject.schedule.layers) {
    if (layer.result.tree) {
      std::fputs(report::explain(subject.workload, subject.arch, layer.op, layer.result.tree->path,
                                 options)
                     .c_str(),
                 stdout);
      continue;
    }
    fmt::print("{}: no mapping: {}\n", subject.workload.operators[layer.op].name,
               layer.result.reason.empty() ? "none was found" : layer.result.reason);
    code = kInfeasible;
  }
  return code;
}

int run_explain(const ExplainArguments& arguments) {
  const tl::expected<Subject, int> subject =
      arguments.mapping.empty() ? found_subject(arguments) : given_subject(arguments);
  if (!subject) return subject.error();
  if (const Diagnostics mistakes = unknown_names(arguments, *subject); !mistakes.empty()) {
    return report_mistakes(mistakes);
  }
  const int code = print_explanations(arguments, *subject);
  if (arguments.json.empty()) return code;
  const Result<void> written = write_file(
      arguments.json, report::schedule_json(subject->workload, subject->arch, subject->schedule));
  return written ? code : report_mistakes(written.error());
}

}  // namespace

Run add_explain(CLI::App& app) {
  const auto arguments = std::make_shared<ExplainArguments>();
  CLI::App* verb = app.add_subcommand("explain", "Which loops cause an access count of a mapping");
  add_subject_options(*verb, arguments->subject);
  add_search_options(*verb, arguments->search);
  verb->add_option("--mapping", arguments->mapping,
                   "text of the mapping; without it the best that a search finds, or has found")
      ->type_name("FILE");
  verb->add_option("--tensor", arguments->tensor, "only this tensor");
  verb->add_option("--memory", arguments->memory, "only this memory");
  verb->add_option("--json", arguments->json, "also write the counts, as 'evaluate' does")
      ->type_name("FILE");
  verb->add_flag("--progress", arguments->progress, "show progress even if not on a terminal");
  verb->footer(
      "Exit code: 0 explained, 2 bad input, 3 no valid mapping, or the given one does not fit.");
  return [arguments] { return run_explain(*arguments); };
}

}  // namespace tileloom::cli
