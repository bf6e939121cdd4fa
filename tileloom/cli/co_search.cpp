// co-search: the sizes of a machine and the mapping of one operator on it, together.

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <charconv>
#include <cstdio>
#include <memory>

#include "tileloom/cli/interrupt.hpp"
#include "tileloom/cli/search_options.hpp"
#include "tileloom/cli/subject.hpp"
#include "tileloom/cli/terminal.hpp"
#include "tileloom/cli/verb.hpp"
#include "tileloom/io/yaml/write_architecture.hpp"
#include "tileloom/loop_tree/text.hpp"
#include "tileloom/report/schedule/co_design.hpp"
#include "tileloom/support/checked.hpp"
#include "tileloom/support/file.hpp"

namespace tileloom::cli {
namespace {

struct CoSearchOptions {
  SearchOptions search;
  SubjectOptions subject;
  double area = 0;         ///< µm²; 0 = no limit
  std::int64_t lanes = 0;  ///< 0 = no limit
  std::vector<std::string> buffers;
  std::string machine;
  std::string mapping;
  std::string json;
};

/// "L2=65536" to a limit of a memory.
Result<std::pair<MemoryId, Bits>> parse_buffer(const std::string& text, const Architecture& arch) {
  const std::size_t equals = std::min(text.find('='), text.size());
  const std::string name = text.substr(0, equals);
  std::int64_t bytes = 0;
  const char* last = text.data() + text.size();
  const char* first = text.data() + std::min(equals + 1, text.size());
  const auto [end, error] = std::from_chars(first, last, bytes);
  if (error != std::errc{} || end != last || bytes < 1 || bytes > (std::int64_t{1} << 50)) {
    return mistake({}, fmt::format("--buffer {} is not MEMORY=BYTES with at least one byte", text),
                   "write for example --buffer L2=65536");
  }
  const std::optional<MemoryId> memory = find_memory(arch, name);
  if (!memory || *memory == MemoryId{0}) {
    return mistake({},
                   fmt::format("--buffer {}: '{}' is no memory of {} whose size is searched", text,
                               name, arch.name),
                   "all but the outermost are; `tileloom inspect` lists them");
  }
  return std::pair{*memory, Bits{8 * bytes}};
}

Result<mapper::HardwareBudget> read_hardware(const CoSearchOptions& options, const Search& search) {
  Diagnostics mistakes;
  mapper::HardwareBudget hardware;
  if (options.area > 0) hardware.area = options.area;
  if (options.lanes > 0) hardware.lanes = options.lanes;
  for (const std::string& text : options.buffers) {
    const auto limit = parse_buffer(text, search.arch);
    if (limit) {
      hardware.capacities.push_back(*limit);
    } else {
      mistakes.insert(mistakes.end(), limit.error().begin(), limit.error().end());
    }
  }
  if (hardware == mapper::HardwareBudget{} && options.buffers.empty()) {
    mistakes.push_back({{},
                        "co-search has no limit: the largest machine would win",
                        "give --area UM2, --lanes N, or --buffer MEMORY=BYTES"});
  }
  if (search.workload.operators.size() != 1) {
    mistakes.push_back({{},
                        fmt::format("co-search sizes a machine for one operator, but there are {}",
                                    search.workload.operators.size()),
                        "choose one with --layer NAME"});
  }
  if (!mistakes.empty()) return tl::unexpected(mistakes);
  return hardware;
}

Files co_design_files(const CoSearchOptions& options, const report::CoDesignReport& report) {
  Files files;
  const mapper::CoDesign& design = report.design;
  if (design.result.tree && !options.machine.empty()) {
    files.emplace_back(options.machine, write_architecture(design.arch));
  }
  if (design.result.tree && !options.mapping.empty()) {
    files.emplace_back(options.mapping,
                       print_tree(report.workload, design.arch, *design.result.tree));
  }
  if (!options.json.empty()) files.emplace_back(options.json, report::co_design_json(report));
  return files;
}

int run_co_search(const CoSearchOptions& options) {
  SearchOptions asked = options.search;
  asked.mapper = "gamma";
  asked.searcher = Searcher{"co-search", {"as-published", "levels"}};
  const Result<Search> search = read_search(asked, read_subject(options.subject));
  if (!search) return report_mistakes(search.error());
  const Result<mapper::HardwareBudget> hardware = read_hardware(options, *search);
  if (!hardware) return report_mistakes(hardware.error());
  const driver::SearchRequest& request = search->request;
  catch_interrupt();
  report::CoDesignReport report{search->workload, search->arch, request.objective, *hardware, {}};
  try {
    report.design = mapper::co_search(
        {search->workload, OperatorId{0}, search->arch, request.objective, request.constraints},
        *hardware, mapper::gamma_options(request.options), request.budget);
  } catch (const OverflowError& error) {
    return report_mistakes({{{}, error.what(), "the operator or its tiles are too large"}});
  }
  report.design.arch.name += "_sized";
  report.design.arch.source += " Sizes found by tileloom co-search.";
  std::fputs(report::co_design_table(report, table_options()).c_str(), stdout);
  if (interrupted().load()) std::fputs("stopped early: the best found so far\n", stdout);
  const Result<void> written = write_files(co_design_files(options, report));
  if (!written) return report_mistakes(written.error());
  return report.design.result.tree ? kOk : kInfeasible;
}

}  // namespace

Run add_co_search(CLI::App& app) {
  const auto options = std::make_shared<CoSearchOptions>();
  CLI::App* verb = app.add_subcommand(
      "co-search", "Size a machine and map one operator on it, together (DiGamma)");
  add_subject_options(*verb, options->subject);
  add_problem_options(*verb, options->search);
  verb->add_option("--area", options->area,
                   "most area in um2: 282 per lane and 0.086 per bit of memory inside the "
                   "outermost")
      ->check(CLI::Range(1e-3, 1e15));
  verb->add_option("--lanes", options->lanes,
                   "most lanes in all; without it no axis becomes wider than in --arch")
      ->check(CLI::Range(std::int64_t{1}, std::int64_t{1} << 30));
  verb->add_option("--buffer", options->buffers,
                   "most capacity of one instance of a memory: MEMORY=BYTES");
  verb->add_option("--machine", options->machine, "write the machine found as YAML")
      ->type_name("FILE");
  verb->add_option("--mapping", options->mapping, "write the mapping's text")->type_name("FILE");
  verb->add_option("--json", options->json, "also write the answer as JSON")->type_name("FILE");
  verb->footer(
      "Exit code: 0 found, 2 bad input, 3 nothing within the limits was found. Ctrl-C ends the "
      "search, not the program: the best found so far is the answer.");
  return [options] { return run_co_search(*options); };
}

}  // namespace tileloom::cli
