// schedule: an ONNX network on an accelerator, operator by operator.

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>
#include <sstream>

#include "tileloom/cli/interrupt.hpp"
#include "tileloom/cli/output_folder.hpp"
#include "tileloom/cli/progress_line.hpp"
#include "tileloom/cli/search_options.hpp"
#include "tileloom/cli/terminal.hpp"
#include "tileloom/cli/verb.hpp"
#include "tileloom/driver/fusion_defines.hpp"
#include "tileloom/driver/precision.hpp"
#include "tileloom/io/onnx/import.hpp"
#include "tileloom/loop_tree/text.hpp"
#include "tileloom/report/page/page.hpp"
#include "tileloom/report/schedule/csv.hpp"
#include "tileloom/report/schedule/json.hpp"
#include "tileloom/report/schedule/table.hpp"
#include "tileloom/report/schedule/trace.hpp"
#include "tileloom/report/stacks/fused_files.hpp"
#include "tileloom/report/stacks/fused_table.hpp"
#include "tileloom/support/file.hpp"

namespace tileloom::cli {
namespace {

struct ScheduleOptions {
  SearchOptions search;
  std::string model;
  std::vector<std::string> bind;
  std::string fusion = "none";
  std::int64_t patience = static_cast<std::int64_t>(scheduler::ExactFusionOptions{}.patience);
  bool patience_given = false;
  bool pipeline = false;
  std::string out;
  std::string json;
  bool progress = false;
};

/// What --out DIR holds afterwards.
Files report_files(const Workload& workload, const Architecture& arch,
                   const scheduler::Schedule& schedule) {
  Files files{{"schedule.json", report::schedule_json(workload, arch, schedule)},
              {"schedule.csv", report::schedule_csv(workload, arch, schedule)},
              {"trace.json", report::schedule_trace(workload, arch, schedule)},
              {"report.html", report::schedule_page(workload, arch, schedule)}};
  for (std::size_t i = 0; i < schedule.layers.size(); ++i) {
    const scheduler::Layer& layer = schedule.layers[i];
    if (!layer.result.tree) continue;
    files.emplace_back(
        fmt::format("mappings/{:04}_{}.txt", i, file_name_part(workload.operators[layer.op].name)),
        print_tree(workload, arch, *layer.result.tree));
  }
  if (const std::optional<LoopTree> network = scheduler::network_tree(schedule)) {
    files.emplace_back("network.txt", print_tree(workload, arch, *network));
  }
  return files;
}

/// "pareto", or with a comma what the front weighs besides: dram-traffic, peak-memory.
struct FusedFrontAsked {
  bool front = false;
  bool known = true;  ///< everything behind the comma
  bool traffic = false;
  bool memory = false;
};
FusedFrontAsked front_asked(const ScheduleOptions& options) {
  FusedFrontAsked asked;
  std::istringstream words(options.search.objective);
  std::string word;
  asked.front = options.fusion == "exact" && std::getline(words, word, ',') && word == "pareto";
  while (asked.front && std::getline(words, word, ',')) {
    bool& more = word == "dram-traffic" ? asked.traffic : asked.memory;
    if ((word != "dram-traffic" && word != "peak-memory") || more) asked.known = false;
    more = true;
  }
  return asked;
}

Result<Workload> read_model(const ScheduleOptions& options) {
  if (options.fusion != "none" && options.fusion != "exact" && options.fusion != "defines") {
    return mistake({}, fmt::format("unknown fusion '{}'", options.fusion),
                   "layer by layer is none, the best stacks exact, DeFiNES' stacks defines");
  }
  if (options.patience_given && options.fusion != "exact") {
    return mistake({}, "--patience is of --fusion exact", "add --fusion exact, or leave it out");
  }
  if (options.patience < 0) {
    return mistake({}, fmt::format("--patience is {}, must be at least 0", options.patience),
                   "0 tries the grid of sizes alone");
  }
  if (options.fusion != "none" && options.pipeline) {
    return mistake({}, "--pipeline cannot be fused", "leave one of --pipeline and --fusion out");
  }
  if (options.fusion != "none" && options.search.latency == "stalling") {
    return mistake({}, "stacks cannot be timed by --latency stalling",
                   "leave out --latency, or --fusion: layer by layer only");
  }
  if (!front_asked(options).known) {
    return mistake({}, fmt::format("unknown objective '{}'", options.search.objective),
                   "behind pareto may stand, each once: dram-traffic, peak-memory");
  }
  const auto bindings = parse_bindings(options.bind);
  if (!bindings) return tl::unexpected(bindings.error());
  return import_onnx(options.model, {.bind = *bindings});
}

/// A pipeline is searched by mapper gamma, for latency and then for a second metric.
Result<Search> read_pipeline(const ScheduleOptions& options) {
  SearchOptions asked = options.search;
  if (asked.mapper_given && asked.mapper != "gamma") {
    return mistake({}, fmt::format("--pipeline cannot be searched by mapper '{}'", asked.mapper),
                   "use --mapper gamma, or leave --mapper out");
  }
  asked.mapper = "gamma";
  asked.searcher = Searcher{"--pipeline", {"as-published", "levels"}};
  if (!asked.objective_given) asked.objective = "latency,energy";
  Result<Search> search = read_search(asked, read_model(options));
  if (!search) return search;
  const cost::Objective& objective = search->request.objective;
  if (objective.first == cost::Metric::edp || !objective.second) {
    return mistake({}, fmt::format("--pipeline cannot be searched for '{}'", to_string(objective)),
                   "its objective is latency,energy or another pair that begins with latency or "
                   "energy");
  }
  search->request.pipeline = true;
  return search;
}

/// Objectives that only fused schedules have; they come before EDP.
scheduler::chains::Aim aim_of(const ScheduleOptions& options) {
  if (options.fusion != "exact") return scheduler::chains::Aim::none;
  if (options.search.objective == "dram-traffic") return scheduler::chains::Aim::dram_traffic;
  if (options.search.objective == "peak-memory") return scheduler::chains::Aim::peak_memory;
  return scheduler::chains::Aim::none;
}

/// --fusion exact or defines: stacks instead of layers.
int run_fused(const ScheduleOptions& options, const Search& search,
              const std::optional<OutputFolder>& folder) {
  const Workload& workload = search.workload;
  const Architecture& arch = search.arch;
  catch_interrupt();
  Result<scheduler::FusedSchedule> schedule;
  {
    ProgressLine layers(options.progress);
    ProgressLine stacks(options.progress, "stacks");
    const auto on_layer = [&](const scheduler::NetworkProgress& news) { layers.show(news); };
    const auto on_stack = [&](std::size_t done, std::size_t all) {
      stacks.show({done, all, "fusion", {}});
    };
    schedule =
        options.fusion == "defines"
            ? driver::schedule_defines(workload, arch, search.request, {}, on_layer, on_stack)
            : driver::schedule_fused(workload, arch, search.request,
                                     {.patience = static_cast<std::size_t>(options.patience),
                                      .aim = aim_of(options),
                                      .each_edge = aim_of(options) != scheduler::chains::Aim::none,
                                      .front = front_asked(options).front,
                                      .front_traffic = front_asked(options).traffic,
                                      .front_memory = front_asked(options).memory},
                                     on_layer, on_stack);
  }
  if (!schedule) return report_mistakes(schedule.error());
  std::fputs(report::fused_table(workload, arch, *schedule, table_options()).c_str(), stdout);
  if (const std::string note = driver::precision_note(arch); !note.empty()) {
    fmt::print("element widths: {}\n", note);
  }
  if (interrupted().load()) std::fputs("stopped early: the best found so far\n", stdout);
  const report::StackDetails details = report::details_of(workload, arch, *schedule);
  const std::string json = report::fused_json(workload, arch, *schedule, details);
  Files named{{"fused.json", json},
              {"fused.csv", report::fused_csv(workload, arch, *schedule, details)},
              {"trace.json", report::fused_trace(workload, arch, *schedule, details)},
              {"report.html", report::fused_page(workload, arch, *schedule, details)}};
  if (schedule->tree)
    named.emplace_back("network.txt", print_tree(workload, arch, *schedule->tree));
  Files files;
  if (folder) folder->add(std::move(named), files);
  if (!options.json.empty()) files.emplace_back(options.json, json);
  if (const Result<void> written = write_files(files); !written) {
    return report_mistakes(written.error());
  }
  if (schedule->proof == Proof::infeasible) return kInfeasible;
  return exit_code(schedule->layer_by_layer);
}

int run_schedule(const ScheduleOptions& options) {
  SearchOptions asked = options.search;
  if (options.fusion != "none" && !asked.mapper_given) asked.mapper = "gamma";
  if (aim_of(options) != scheduler::chains::Aim::none || front_asked(options).front)
    asked.objective = "edp";
  const Result<Search> search =
      options.pipeline ? read_pipeline(options) : read_search(asked, read_model(options));
  if (!search) return report_mistakes(search.error());
  const Workload& workload = search->workload;
  const Architecture& arch = search->arch;
  const Result<std::optional<OutputFolder>> folder = OutputFolder::open_if_named(options.out);
  if (!folder) return report_mistakes(folder.error());

  if (options.fusion != "none") return run_fused(options, *search, *folder);

  catch_interrupt();
  Result<scheduler::Schedule> schedule;
  {
    ProgressLine line(options.progress);
    schedule =
        driver::schedule_network(workload, arch, search->request,
                                 [&](const scheduler::NetworkProgress& news) { line.show(news); });
  }
  if (!schedule) return report_mistakes(schedule.error());

  std::fputs(report::schedule_table(workload, arch, *schedule, table_options()).c_str(), stdout);
  if (const std::string note = driver::precision_note(arch); !note.empty()) {
    fmt::print("element widths: {}\n", note);
  }
  if (interrupted().load()) std::fputs("stopped early: the best found so far\n", stdout);
  Files files;
  if (*folder) (*folder)->add(report_files(workload, arch, *schedule), files);
  if (!options.json.empty()) {
    files.emplace_back(options.json, report::schedule_json(workload, arch, *schedule));
  }
  if (const Result<void> written = write_files(files); !written) {
    return report_mistakes(written.error());
  }
  return exit_code(*schedule);
}

}  // namespace

Run add_schedule(CLI::App& app) {
  const auto options = std::make_shared<ScheduleOptions>();
  CLI::App* verb =
      app.add_subcommand("schedule", "Map every operator of a network onto an accelerator");
  verb->add_option("MODEL", options->model, "ONNX file")->required();
  add_search_options(*verb, options->search);
  verb->add_option("--bind", options->bind, "size of a symbolic dimension: NAME=SIZE");
  verb->add_option(
          "--fusion", options->fusion,
          "how layers are fused: none, exact (the best stacks of layers, tile by tile; further "
          "objectives dram-traffic and peak-memory, then edp; pareto: all best compromises of energy "
          "and latency, with pareto,dram-traffic,peak-memory of these, too), or defines (the stacks DeFiNES "
          "chooses); mapper gamma unless given")
      ->capture_default_str();
  verb->add_option("--patience", options->patience,
                   "fusion exact: of the largest tiles that a stack can have, so many in a row may "
                   "be no better than the best before the others are left out (docs/cost_model.md "
                   "9.8); more takes longer")
      ->capture_default_str();
  verb->add_flag("--pipeline", options->pipeline,
                 "every layer on an accelerator of its own: the slowest as fast, the others as "
                 "frugal as can be (mapper gamma)");
  verb->add_option("--out", options->out, "folder for reports and mappings")->type_name("DIR");
  verb->add_option("--json", options->json, "also write the schedule as JSON")->type_name("FILE");
  verb->add_flag("--progress", options->progress, "show progress even if not on a terminal");
  verb->footer(
      "Exit code: 0 scheduled, 2 bad input, 3 an operator has no mapping or the network does not "
      "fit. Ctrl-C ends the search, not the program: the best found so far is the answer.");
  return [options, verb] {
    options->search.mapper_given = verb->count("--mapper") > 0;
    options->search.objective_given = verb->count("--objective") > 0;
    options->patience_given = verb->count("--patience") > 0;
    return run_schedule(*options);
  };
}

}  // namespace tileloom::cli
