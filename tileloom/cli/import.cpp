// import: files of another system as Tileloom's.

#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "tileloom/cli/timeloop_figures.hpp"
#include "tileloom/cli/verb.hpp"
#include "tileloom/driver/import_timeloop.hpp"
#include "tileloom/io/yaml/write_architecture.hpp"
#include "tileloom/io/yaml/write_problem.hpp"
#include "tileloom/loop_tree/text.hpp"
#include "tileloom/support/file.hpp"

namespace tileloom::cli {
namespace {

struct ImportArguments {
  std::string format;
  std::vector<std::string> files;
  std::string out;
  std::string json;
};

/// What the import becomes on disk, by file names.
Files documents(const driver::TimeloopImport& import) {
  Files files;
  if (import.architecture)
    files.emplace_back("architecture.yaml", write_architecture(*import.architecture));
  if (import.workload)
    files.emplace_back("problem.yaml",
                       write_problem(*import.workload, import.workload->operators[OperatorId{0}]));
  if (import.tree)
    files.emplace_back("mapping.tree",
                       print_tree(*import.workload, *import.architecture, *import.tree));
  return files;
}

int run(const ImportArguments& arguments) {
  const auto import = driver::import_timeloop(arguments.files);
  if (!import) return report_mistakes(import.error());
  if (!arguments.json.empty() && !import->cost)
    return report_mistakes({{{},
                    "no mapping among the files, so there are no figures to write",
                    "leave out --json or give the mapping"}});
  for (const std::string& note : import->notes) std::fprintf(stderr, "note: %s\n", note.c_str());
  Files found = documents(*import);
  Files files;
  if (!arguments.out.empty()) {
    for (auto& [name, text] : found) {
      name = arguments.out + "/" + name;
      files.emplace_back(name, text);
    }
  }
  if (!arguments.json.empty()) {
    files.emplace_back(arguments.json, timeloop_figures_json(*import->cost));
  }
  if (const Result<void> written = write_files(files); !written) {
    return report_mistakes(written.error());
  }
  for (const auto& [name, text] : found) {
    if (arguments.out.empty()) {
      std::printf("# %s\n%s\n", name.c_str(), text.c_str());
    } else {
      std::printf("wrote %s\n", name.c_str());
    }
  }
  if (import->cost) std::fputs(timeloop_figures_table(*import->cost).c_str(), stdout);
  return kOk;
}

}  // namespace

Run add_import(CLI::App& app) {
  const auto arguments = std::make_shared<ImportArguments>();
  CLI::App* verb =
      app.add_subcommand("import", "Read another system's architecture, problem and mapping files");
  verb->add_option("FORMAT", arguments->format, "whose files: timeloop")
      ->required()
      ->check(CLI::IsMember({"timeloop"}));
  verb->add_option("FILE", arguments->files, "its files, in any order")->required();
  verb->add_option("--out", arguments->out,
                   "write architecture.yaml, problem.yaml and mapping.tree to this folder");
  verb->add_option("--json", arguments->json,
                   "write the mapping's figures under the format's own cost model to this file");
  return [arguments] { return run(*arguments); };
}

}  // namespace tileloom::cli
