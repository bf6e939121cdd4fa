// inspect: what a model holds - operators, work, sizes, and where every node went - or what an
// architecture is made of.

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "tileloom/cli/inspect_architecture.hpp"
#include "tileloom/cli/verb.hpp"
#include "tileloom/io/onnx/import.hpp"
#include "tileloom/report/inspection/inspect_model.hpp"
#include "tileloom/support/file.hpp"

namespace tileloom::cli {
namespace {

struct Arguments {
  std::string subject;
  std::vector<std::string> bind;
  std::string json;
  bool unfolded = false;
};

/// "batch=1" as a binding.
Result<std::map<std::string, std::int64_t>> bindings(const std::vector<std::string>& texts) {
  std::map<std::string, std::int64_t> bind;
  Diagnostics mistakes;
  for (const std::string& text : texts) {
    const std::size_t equals = text.rfind('=');
    std::int64_t size = 0;
    if (equals == std::string::npos || equals == 0 ||
        !CLI::detail::lexical_cast(text.substr(equals + 1), size)) {
      mistakes.push_back({{},
                          fmt::format("--bind {}: not a binding", text),
                          "write NAME=SIZE, for example --bind batch=1"});
    } else if (size < 1) {
      mistakes.push_back({{},
                          fmt::format("--bind {}: the size must be at least 1", text),
                          "give a positive size"});
    } else {
      bind[text.substr(0, equals)] = size;
    }
  }
  if (!mistakes.empty()) return tl::unexpected(std::move(mistakes));
  return bind;
}

int inspect_model(const Arguments& arguments) {
  const auto bind = bindings(arguments.bind);
  if (!bind) return report_mistakes(bind.error());
  const auto workload =
      import_onnx(arguments.subject, {.bind = *bind, .fold_epilogues = !arguments.unfolded});
  if (!workload) return report_mistakes(workload.error());
  std::fputs(report::model_table(*workload).c_str(), stdout);
  if (arguments.json.empty()) return kOk;
  const auto written = write_file(arguments.json, report::model_json(*workload));
  return written ? kOk : report_mistakes(written.error());
}

}  // namespace

Run add_inspect(CLI::App& app) {
  CLI::App* verb = app.add_subcommand(
      "inspect",
      "Print a model's operators, multiply-accumulates, bytes and coverage, or an architecture");
  const auto arguments = std::make_shared<Arguments>();
  verb->add_option("SUBJECT", arguments->subject,
                   "an ONNX file, an architecture file (.yaml) or the name of an architecture")
      ->required();
  verb->add_option("--bind", arguments->bind, "size of a symbolic dimension, NAME=SIZE");
  verb->add_flag("--unfolded", arguments->unfolded,
                 "keep activations, bias and batch normalisation as operators of their own");
  verb->add_option("--json", arguments->json, "also write everything to this file");
  return [arguments] {
    return names_architecture(arguments->subject)
               ? inspect_architecture(arguments->subject, arguments->json)
               : inspect_model(*arguments);
  };
}

}  // namespace tileloom::cli
