// check: every rule that a given mapping breaks.

#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>

#include "tileloom/cli/given_mapping.hpp"
#include "tileloom/cli/search_options.hpp"
#include "tileloom/cli/verb.hpp"
#include "tileloom/support/file.hpp"

namespace tileloom::cli {
namespace {

std::string kind_name(Violation::Kind kind) {
  switch (kind) {
    case Violation::Kind::structure:
      return "structure";
    case Violation::Kind::capacity:
      return "capacity";
    case Violation::Kind::fanout:
      return "fanout";
  }
  return {};
}

std::string violations_json(const std::vector<Violation>& violations) {
  nlohmann::ordered_json json{{"schema", "tileloom.check/1"}, {"legal", violations.empty()}};
  json["violations"] = nlohmann::ordered_json::array();
  for (const Violation& violation : violations) {
    json["violations"].push_back(
        {{"kind", kind_name(violation.kind)}, {"what", violation.what}, {"hint", violation.hint}});
  }
  return json.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

int run_check(const GivenOptions& options) {
  const Result<Given> given = read_given(options);
  if (!given) return report_mistakes(given.error());
  if (!options.json.empty()) {
    const Result<void> written = write_file(options.json, violations_json(given->violations));
    if (!written) return report_mistakes(written.error());
  }
  const int code = report_violations(options.mapping, given->violations);
  if (code == kOk) std::puts("legal: the mapping obeys every rule and fits");
  return code;
}

}  // namespace

Run add_check(CLI::App& app) {
  const auto options = std::make_shared<GivenOptions>();
  CLI::App* verb = app.add_subcommand("check", "Every rule that a given mapping breaks");
  add_given_options(*verb, *options);
  verb->footer(
      "Exit code: 0 legal, 2 not a mapping of this operator, 3 a capacity or a fanout is "
      "exceeded.");
  return [options] { return run_check(*options); };
}

}  // namespace tileloom::cli
