#pragma once
// The options that every searching verb has.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "tileloom/cli/unheeded.hpp"
#include "tileloom/driver/network.hpp"
#include "tileloom/support/diagnostic.hpp"

namespace CLI {
class App;
}

namespace tileloom::cli {

struct SearchOptions {
  const CLI::App* verb = nullptr;  ///< whose options these are
  std::string arch;
  std::string objective = "edp";
  std::string mapper = "exact";
  bool mapper_given = false;     ///< set by verbs that choose another default
  bool objective_given = false;  ///< set by verbs that choose another default
  bool may_want_front = false;   ///< set by verbs that can show a Pareto front
  std::optional<Searcher> searcher;  ///< set by verbs where it is not the mapper alone
  std::string constraints;
  std::string latency = "overlapped";
  std::int64_t budget = 0;  ///< 0 = the mapper's default
  std::uint64_t seed = 1;
  int threads = 0;
  bool imperfect = false;
  std::int64_t valid_samples = 0;
  bool as_published = false;
  std::size_t levels = 0;
  std::string dataflow;
  std::vector<std::string> published;  ///< parts of CoSA's program
  std::string solver = "cbc";
  std::string cache;
  bool no_cache = true;  ///< but of verbs that have --no-cache
};

/// What to search for and how long: all but --mapper, --latency and the cache.
void add_problem_options(CLI::App& verb, SearchOptions& options);
void add_search_options(CLI::App& verb, SearchOptions& options);

void add_latency_option(CLI::App& verb, std::string& model);

/// What a search needs, read and checked.
struct Search {
  Architecture arch;
  Workload workload;  ///< in the machine's element widths
  driver::SearchRequest request;
};
/// All mistakes of options, architecture, workload and constraints at once.
Result<Search> read_search(const SearchOptions& options, Result<Workload> workload);

/// The rules of --constraints for this workload; none if the option was not given.
Result<mapper::Constraints> search_constraints(const SearchOptions& options,
                                               const Architecture& arch, const Workload& workload);

/// The folder of remembered answers, made if it is missing: the one that --cache names, a mistake if
/// it cannot be written; else $XDG_CACHE_HOME/tileloom or ~/.cache/tileloom, none if neither variable
/// is set or it cannot be written, which is said on stderr.
/// @param given  what --cache names; empty = not given
Result<std::optional<std::string>> cache_folder(const std::string& given);

/// "batch=1" to {batch, 1}.
Result<std::map<std::string, std::int64_t>> parse_bindings(const std::vector<std::string>& texts);

/// Threads for --threads N: no more than there are cores, since more would only take turns; 0 stays.
int workers(int threads);

/// kInfeasible if an operator has no mapping or the whole does not fit, else kOk.
int exit_code(const scheduler::Schedule& schedule);

}  // namespace tileloom::cli
