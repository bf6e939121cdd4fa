// export: a mapping in the format of another system.

#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>
#include <string>

#include "tileloom/cli/verb.hpp"
#include "tileloom/driver/import_timeloop.hpp"
#include "tileloom/io/yaml/find_architecture.hpp"
#include "tileloom/io/yaml/read_problem.hpp"
#include "tileloom/loop_tree/text.hpp"
#include "tileloom/support/file.hpp"

namespace tileloom::cli {
namespace {

struct ExportArguments {
  std::string format;
  std::string tree;
  std::string arch;
  std::string problem;
  std::string out;
};

int run(const ExportArguments& arguments) {
  const auto arch = load_architecture(arguments.arch);
  const auto workload = read_problem(arguments.problem);
  const auto text = read_file(arguments.tree);
  Diagnostics mistakes;
  const auto collect = [&](const Diagnostics& more) {
    mistakes.insert(mistakes.end(), more.begin(), more.end());
  };
  if (!arch) collect(arch.error());
  if (!workload) collect(workload.error());
  if (!text) collect(text.error());
  if (!mistakes.empty()) return report_mistakes(mistakes);
  const auto tree = parse_tree(*text, arguments.tree, *workload, *arch);
  if (!tree) return report_mistakes(tree.error());
  const auto mapping = driver::export_timeloop(*workload, *arch, *tree);
  if (!mapping) return report_mistakes(mapping.error());
  return write_or_print(arguments.out, *mapping);
}

}  // namespace

Run add_export(CLI::App& app) {
  const auto arguments = std::make_shared<ExportArguments>();
  CLI::App* verb = app.add_subcommand("export", "Write a mapping in another system's format");
  verb->add_option("FORMAT", arguments->format, "whose format: timeloop")
      ->required()
      ->check(CLI::IsMember({"timeloop"}));
  verb->add_option("TREE", arguments->tree, "the mapping, as a loop tree")->required();
  verb->add_option("--arch", arguments->arch, "architecture: a name or a file")->required();
  verb->add_option("--problem", arguments->problem, "the operator, a problem file")->required();
  verb->add_option("--out", arguments->out, "write to this file instead of standard output");
  return [arguments] { return run(*arguments); };
}

}  // namespace tileloom::cli
