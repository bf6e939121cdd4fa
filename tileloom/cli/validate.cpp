#include "tileloom/driver/validate.hpp"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "tileloom/cli/verb.hpp"
#include "tileloom/report/validation.hpp"
#include "tileloom/support/file.hpp"

namespace tileloom::cli {
namespace {

struct ValidateArguments {
  std::vector<std::string> files;
  std::string json;
};

int run(const ValidateArguments& arguments) {
  std::vector<report::ValidationReport> reports;
  bool bad_input = false;
  bool agree = true;
  for (const std::string& file : arguments.files) {
    Result<report::ValidationReport> report = driver::validate(file);
    if (!report) {
      report_mistakes(report.error());
      bad_input = true;
      continue;
    }
    agree = agree && report->disagreements == 0;
    std::fputs(report::validation_table(*report).c_str(), stdout);
    reports.push_back(std::move(*report));
  }
  if (bad_input) return kBadInput;
  if (!arguments.json.empty()) {
    const Result<void> written = write_file(arguments.json, report::validation_json(reports));
    if (!written) {
      report_mistakes(written.error());
      return kBadInput;
    }
  }
  return agree ? kOk : kDisagree;
}

}  // namespace

Run add_validate(CLI::App& app) {
  auto arguments = std::make_shared<ValidateArguments>();
  CLI::App* verb = app.add_subcommand(
      "validate", "Replay published or measured figures and compare every one with ours");
  verb->add_option("FILE", arguments->files, "Reference files; each names its profile")->required();
  verb->add_option("--json", arguments->json, "Also write the comparison as JSON to this file");
  verb->footer("Exit code: 0 all agree, 1 some disagree, 2 bad input.");
  return [arguments] { return run(*arguments); };
}

}  // namespace tileloom::cli
