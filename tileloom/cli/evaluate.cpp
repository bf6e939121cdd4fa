// evaluate: what a given mapping costs.

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

namespace tileloom::cli {
namespace {

int run_evaluate(const GivenOptions& options) {
  const Result<Given> given = read_given(options);
  if (!given) return report_mistakes(given.error());
  if (!given->violations.empty()) return report_violations(options.mapping, given->violations);
  const scheduler::Schedule schedule =
      driver::evaluate_tree(given->workload, given->arch, given->tree, {});
  std::fputs(
      report::schedule_table(given->workload, given->arch, schedule, table_options()).c_str(),
      stdout);
  if (options.json.empty()) return kOk;
  const Result<void> written =
      write_file(options.json, report::schedule_json(given->workload, given->arch, schedule));
  return written ? kOk : report_mistakes(written.error());
}

}  // namespace

Run add_evaluate(CLI::App& app) {
  const auto options = std::make_shared<GivenOptions>();
  CLI::App* verb = app.add_subcommand("evaluate", "What a given mapping costs");
  add_given_options(*verb, *options);
  verb->footer("Exit code: 0 evaluated, 2 bad input, 3 a capacity or a fanout is exceeded.");
  return [options] { return run_evaluate(*options); };
}

}  // namespace tileloom::cli
