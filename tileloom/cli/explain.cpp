// explain: which loops cause an access count, and where every picojoule comes from.

#include "tileloom/report/explain.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>

#include "tileloom/cli/given_mapping.hpp"
#include "tileloom/cli/search_options.hpp"
#include "tileloom/cli/terminal.hpp"
#include "tileloom/cli/verb.hpp"
#include "tileloom/driver/given.hpp"
#include "tileloom/report/json.hpp"
#include "tileloom/support/file.hpp"
#include "tileloom/support/nearest.hpp"

namespace tileloom::cli {
namespace {

struct ExplainArguments {
  GivenOptions given;
  std::string tensor;
  std::string memory;
};

/// A mistake if a name stands for nothing.
Diagnostics unknown_names(const ExplainArguments& arguments, const Given& given) {
  Diagnostics mistakes;
  std::vector<std::string> memories;
  for (const Memory& memory : given.arch.memories) memories.push_back(memory.name);
  if (!arguments.memory.empty() && !find_memory(given.arch, arguments.memory)) {
    mistakes.push_back({{},
                        fmt::format("unknown memory '{}'", arguments.memory),
                        suggestion(arguments.memory, memories)});
  }
  std::vector<std::string> tensors;
  for (const LeafPath& leaf : leaf_paths(given.tree)) {
    for (const Operand* operand : operands(given.workload.operators[leaf.op])) {
      tensors.push_back(given.workload.tensors[operand->tensor].name);
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

int run_explain(const ExplainArguments& arguments) {
  const Result<Given> given = read_given(arguments.given);
  if (!given) return report_mistakes(given.error());
  if (!given->violations.empty()) {
    return report_violations(arguments.given.mapping, given->violations);
  }
  if (const Diagnostics mistakes = unknown_names(arguments, *given); !mistakes.empty()) {
    return report_mistakes(mistakes);
  }
  report::ExplainOptions options;
  if (!arguments.tensor.empty()) options.tensor = arguments.tensor;
  if (!arguments.memory.empty()) options.memory = arguments.memory;
  options.width = table_options().width;
  for (const LeafPath& leaf : leaf_paths(given->tree)) {
    const std::vector<PathNode> path = driver::own_path(given->workload.operators[leaf.op], leaf);
    std::fputs(report::explain(given->workload, given->arch, leaf.op, path, options).c_str(),
               stdout);
  }
  if (arguments.given.json.empty()) return kOk;
  const Result<void> written = write_file(
      arguments.given.json,
      report::schedule_json(given->workload, given->arch,
                            driver::evaluate_tree(given->workload, given->arch, given->tree, {})));
  return written ? kOk : report_mistakes(written.error());
}

}  // namespace

Run add_explain(CLI::App& app) {
  const auto arguments = std::make_shared<ExplainArguments>();
  CLI::App* verb =
      app.add_subcommand("explain", "Which loops cause an access count of a given mapping");
  add_given_options(*verb, arguments->given);
  verb->add_option("--tensor", arguments->tensor, "only this tensor");
  verb->add_option("--memory", arguments->memory, "only this memory");
  verb->footer("--json writes the counts, as 'evaluate' does.");
  return [arguments] { return run_explain(*arguments); };
}

}  // namespace tileloom::cli
