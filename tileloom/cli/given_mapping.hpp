#pragma once
// A mapping that the user brings: read with the workload and the machine it is for.

#include <optional>
#include <string>

#include "tileloom/arch/architecture.hpp"
#include "tileloom/cli/subject.hpp"
#include "tileloom/loop_tree/check.hpp"

namespace tileloom::cli {

struct GivenOptions {
  SubjectOptions subject;
  std::string arch;
  std::string mapping;
  std::string json;
};
void add_given_options(CLI::App& verb, GivenOptions& options);

struct Given {
  Workload workload;  ///< in the machine's element widths
  Architecture arch;
  LoopTree tree;
  std::vector<Violation> violations;
};
Result<Given> read_given(const GivenOptions& options);

/// A mistake if operators of the mapping share loops or run at the same time: what one costs is then
/// not its own to say.
Result<void> layer_by_layer(const std::string& file, const Given& given);

/// A mistake if parts of the mapping run at the same time, or a stack of it on several cores.
Result<void> one_part_at_a_time(const std::string& file, const Given& given);

/// Prints every violation to stderr with its hint; the exit code for them: kOk, kBadInput for
/// structural ones, kInfeasible if only a capacity or a fanout is exceeded.
int report_violations(const std::string& file, const std::vector<Violation>& violations);

}  // namespace tileloom::cli
