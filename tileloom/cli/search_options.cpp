#include "tileloom/cli/search_options.hpp"

#include <fmt/format.h>

#include <tbb/info.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <cstdio>
#include <cstdlib>

#include "tileloom/cli/clock.hpp"
#include "tileloom/cli/interrupt.hpp"
#include "tileloom/cli/output_folder.hpp"
#include "tileloom/cli/verb.hpp"
#include "tileloom/driver/precision.hpp"
#include "tileloom/io/yaml/find_architecture.hpp"
#include "tileloom/io/yaml/read_constraints.hpp"

namespace tileloom::cli {
namespace {

template <class T>
void take_mistakes(const Result<T>& result, Diagnostics& mistakes) {
  if (result) return;
  mistakes.insert(mistakes.end(), result.error().begin(), result.error().end());
}

/// What stands in the way of a Pareto front.
Result<void> check_front(const SearchOptions& options) {
  if (!options.may_want_front) {
    return mistake({}, "--objective pareto is an objective of 'map' and 'schedule --fusion exact' only",
                   "choose latency, energy, edp, or two of them with a comma");
  }
  Diagnostics mistakes;
  if (options.mapper != "exact") {
    mistakes.push_back({{},
                        fmt::format("mapper '{}' finds no Pareto fronts", options.mapper),
                        "use --mapper exact, or an objective other than pareto"});
  }
  if (options.latency == "stalling") {
    mistakes.push_back({{},
                        "--objective pareto cannot be timed by --latency stalling",
                        "searches minimise overlapped: leave --latency out"});
  }
  if (options.imperfect) {
    mistakes.push_back({{},
                        "--objective pareto has perfect factors only",
                        "leave --imperfect out, or choose another objective"});
  }
  if (!mistakes.empty()) return tl::unexpected(mistakes);
  return {};
}

/// What was given although nobody looks at it.
Diagnostics idle_search_options(const SearchOptions& options) {
  const std::optional<Searcher> who =
      options.searcher ? options.searcher : searcher(options.mapper);
  Diagnostics mistakes;
  if (who) mistakes = unheeded_options(*options.verb, *who);
  if (options.as_published && !options.published.empty()) {
    mistakes.push_back({{},
                        "--as-published means all that --published can name",
                        "leave one of them out"});
  }
  return mistakes;
}

/// What --as-published and --published say about CoSA's program.
std::vector<std::string> published_parts(const SearchOptions& options) {
  return options.as_published ? std::vector<std::string>{"all"} : options.published;
}

/// $XDG_CACHE_HOME/tileloom, else ~/.cache/tileloom; absent if neither variable is set.
std::optional<std::string> default_cache_folder() {
  const char* xdg = std::getenv("XDG_CACHE_HOME");
  if (xdg != nullptr && *xdg != '\0') return std::string(xdg) + "/tileloom";
  const char* home = std::getenv("HOME");
  if (home != nullptr && *home != '\0') return std::string(home) + "/.cache/tileloom";
  return std::nullopt;
}

}  // namespace

int workers(int threads) { return std::min(threads, tbb::info::default_concurrency()); }

void add_problem_options(CLI::App& verb, SearchOptions& options) {
  options.verb = &verb;
  verb.add_option("--arch", options.arch, "accelerator: NAME (see 'list') or a YAML file")
      ->required();
  verb.add_option("--objective", options.objective,
                  "what to minimise: latency, energy, edp, two of them with a comma, or (map with "
                  "mapper exact) pareto: all best compromises of energy and latency")
      ->capture_default_str();
  verb.add_option("--constraints", options.constraints, "YAML file of rules a mapping must obey");
  verb.add_option("--budget", options.budget, "evaluations per operator; 0 = the mapper's default")
      ->check(CLI::Range(std::int64_t{0}, std::int64_t{1'000'000'000'000}));
  verb.add_option("--seed", options.seed, "start of all random choices")->capture_default_str();
  verb.add_option("--threads", options.threads, "0 = all cores; never changes the answer")
      ->check(CLI::Range(0, 1024));
  verb.add_flag("--imperfect", options.imperfect,
                "exact and random mappers: factors that do not divide the sizes, too");
  verb.add_flag("--as-published", options.as_published,
                "gamma and cosa mappers: as in their papers, without the deviations their READMEs "
                "name");
  verb.add_option("--levels", options.levels,
                  "gamma mapper: levels of parallelism per axis; default 3, as published 2")
      ->check(CLI::Range(std::size_t{1}, std::size_t{3}));
  verb.add_option(
      "--dataflow", options.dataflow,
      "gamma mapper: a fixed accelerator (dla, eyeriss, tpu), with :CLASS a partly fixed "
      "one; CLASS is four digits, 1 = free: order, parallel ranks, shape, tiles");
  verb.add_option("--valid-samples", options.valid_samples,
                  "random and timeloop_* mappers: stop after so many valid mappings; 0 = never")
      ->check(CLI::Range(std::int64_t{0}, std::int64_t{1'000'000'000'000}));
}

void add_search_options(CLI::App& verb, SearchOptions& options) {
  add_problem_options(verb, options);
  add_latency_option(verb, options.latency);
  verb.add_option("--mapper", options.mapper, "how to search (see 'list')")->capture_default_str();
  verb.add_option("--published", options.published,
                  "cosa mapper: --as-published for these parts only: formulation, stride, "
                  "capacity, ties (comma between)")
      ->delimiter(',');
  verb.add_option("--solver", options.solver, "cosa mapper: cbc, or highs where it was built in")
      ->capture_default_str();
  options.no_cache = false;
  verb.add_option("--cache", options.cache, "folder of remembered answers")->type_name("DIR");
  verb.add_flag("--no-cache", options.no_cache, "neither use nor keep remembered answers");
}

void add_latency_option(CLI::App& verb, std::string& model) {
  verb.add_option("--latency", model,
                  "how answers are timed: overlapped (perfect double buffering) or stalling (the "
                  "buffering declared); searches minimise overlapped")
      ->capture_default_str();
}

Result<Search> read_search(const SearchOptions& options, Result<Workload> workload) {
  Diagnostics mistakes = idle_search_options(options);
  const Result<Architecture> arch = load_architecture(options.arch);
  take_mistakes(arch, mistakes);
  const Result<cost::Objective> objective = cost::parse_objective(options.objective);
  take_mistakes(objective, mistakes);
  if (objective && objective->front) take_mistakes(check_front(options), mistakes);
  const Result<cost::LatencyModel> latency = cost::parse_latency_model(options.latency);
  take_mistakes(latency, mistakes);
  const Result<mapper::CosaOptions> cosa =
      mapper::cosa_options(published_parts(options), options.solver);
  take_mistakes(cosa, mistakes);
  const mapper::MapperOptions mapper_options{.imperfect = options.imperfect,
                                             .valid_samples = options.valid_samples,
                                             .as_published = options.as_published,
                                             .levels = options.levels,
                                             .dataflow = options.dataflow,
                                             .cosa = cosa.value_or(mapper::CosaOptions{})};
  take_mistakes(mapper::make_mapper(options.mapper, mapper_options), mistakes);
  take_mistakes(workload, mistakes);
  Result<mapper::Constraints> constraints;
  if (arch && workload) {
    constraints = search_constraints(options, *arch, *workload);
    take_mistakes(constraints, mistakes);
  }
  if (!mistakes.empty()) return tl::unexpected(mistakes);
  Search search;
  search.arch = *arch;
  search.workload = driver::apply_precision(std::move(*workload), *arch);
  search.request.constraints = std::move(*constraints);
  search.request.objective = *objective;
  search.request.latency_model = *latency;
  search.request.mapper = options.mapper;
  search.request.options = mapper_options;
  search.request.budget.evaluations =
      options.budget > 0 ? options.budget : driver::default_evaluations(options.mapper);
  search.request.budget.seed = options.seed;
  search.request.budget.threads = workers(options.threads);
  search.request.budget.stop = &interrupted();
  search.request.now = wall_seconds;
  // Fronts are not remembered; a folder that was asked for is looked at all the same.
  if (!options.no_cache && (!objective->front || !options.cache.empty())) {
    Result<std::optional<std::string>> folder = cache_folder(options.cache);
    if (!folder) return tl::unexpected(folder.error());
    if (!objective->front) search.request.cache_folder = *std::move(folder);
  }
  return search;
}

Result<mapper::Constraints> search_constraints(const SearchOptions& options,
                                               const Architecture& arch, const Workload& workload) {
  if (options.constraints.empty()) return mapper::Constraints{};
  return read_constraints(options.constraints, arch, constraint_names(workload));
}

Result<std::optional<std::string>> cache_folder(const std::string& given) {
  const std::optional<std::string> folder =
      given.empty() ? default_cache_folder() : std::optional(given);
  if (!folder) return folder;
  const Result<void> made = make_folder(*folder);
  if (made) return folder;
  if (!given.empty()) return tl::unexpected(made.error());
  std::fputs(fmt::format("note: answers are not remembered: {}", to_string(made.error())).c_str(),
             stderr);
  return std::nullopt;
}

Result<std::map<std::string, std::int64_t>> parse_bindings(const std::vector<std::string>& texts) {
  std::map<std::string, std::int64_t> bindings;
  Diagnostics mistakes;
  for (const std::string& text : texts) {
    const std::size_t equals = text.find('=');
    std::int64_t value = 0;
    bool good = equals != std::string::npos && equals > 0;
    if (good) {
      const char* last = text.data() + text.size();
      const auto [end, error] = std::from_chars(text.data() + equals + 1, last, value);
      good = error == std::errc{} && end == last && value >= 1;
    }
    if (good) {
      bindings[text.substr(0, equals)] = value;
    } else {
      mistakes.push_back({{},
                          fmt::format("--bind {} is not NAME=SIZE with a size of at least 1", text),
                          "write for example --bind batch=1"});
    }
  }
  if (!mistakes.empty()) return tl::unexpected(mistakes);
  return bindings;
}

int exit_code(const scheduler::Schedule& schedule) {
  const bool whole = std::ranges::all_of(
      schedule.layers, [](const scheduler::Layer& layer) { return layer.result.tree.has_value(); });
  return whole && schedule.proof != Proof::infeasible ? kOk : kInfeasible;
}

}  // namespace tileloom::cli
