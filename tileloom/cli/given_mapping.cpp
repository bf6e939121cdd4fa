#include "tileloom/cli/given_mapping.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>

#include "tileloom/cli/verb.hpp"
#include "tileloom/driver/given_stacks.hpp"
#include "tileloom/driver/precision.hpp"
#include "tileloom/io/yaml/find_architecture.hpp"
#include "tileloom/loop_tree/fused_stack.hpp"
#include "tileloom/loop_tree/text.hpp"
#include "tileloom/support/file.hpp"

namespace tileloom::cli {

void add_given_options(CLI::App& verb, GivenOptions& options) {
  add_subject_options(verb, options.subject);
  verb.add_option("--arch", options.arch, "accelerator: NAME (see 'list') or a YAML file")
      ->required();
  verb.add_option("--mapping", options.mapping, "text of the mapping")
      ->type_name("FILE")
      ->required();
  verb.add_option("--json", options.json, "also write the answer as JSON")->type_name("FILE");
}

Result<Given> read_given(const GivenOptions& options) {
  Diagnostics mistakes;
  const auto take = [&](const auto& result) {
    if (!result) mistakes.insert(mistakes.end(), result.error().begin(), result.error().end());
  };
  Result<Workload> workload = read_subject(options.subject);
  take(workload);
  Result<Architecture> arch = load_architecture(options.arch);
  take(arch);
  const Result<std::string> text = read_file(options.mapping);
  take(text);
  if (!mistakes.empty()) return tl::unexpected(mistakes);
  Given given;
  given.workload = driver::apply_precision(std::move(*workload), *arch);
  given.arch = std::move(*arch);
  Result<LoopTree> tree = parse_tree(*text, options.mapping, given.workload, given.arch);
  if (!tree) return tl::unexpected(tree.error());
  given.tree = std::move(*tree);
  given.violations = check(given.workload, given.arch, given.tree);
  return given;
}

Result<void> layer_by_layer(const std::string& file, const Given& given) {
  if (is_layer_by_layer(given.tree)) return {};
  return mistake({file}, "operators share loops or run at the same time",
                 "only mappings of operators one after the other are explained, or costed by another "
                 "profile or latency model; 'evaluate' without --profile and --latency says what "
                 "stacks cost");
}

Result<void> one_part_at_a_time(const std::string& file, const Given& given) {
  if (driver::runs_in_parts(given.workload, given.tree)) return {};
  return mistake({file}, "operators run at the same time, or a stack on several cores",
                 "only operators and stacks one after the other on one core are costed here; 'check' "
                 "says whether this mapping is legal, 'tune-fusion' what its own cost");
}

int report_violations(const std::string& file, const std::vector<Violation>& violations) {
  Diagnostics mistakes;
  for (const Violation& violation : violations) {
    mistakes.push_back({{file}, violation.what, violation.hint});
  }
  if (mistakes.empty()) return kOk;
  std::fputs(to_string(mistakes).c_str(), stderr);
  const bool structural = std::any_of(
      violations.begin(), violations.end(),
      [](const Violation& violation) { return violation.kind == Violation::Kind::structure; });
  return structural ? kBadInput : kInfeasible;
}

}  // namespace tileloom::cli
