// tune-fusion: blocks and core counts of a network on a multi-core accelerator.

#include "tileloom/driver/tune_fusion.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>
#include <optional>

#include "tileloom/cli/clock.hpp"
#include "tileloom/cli/interrupt.hpp"
#include "tileloom/cli/output_folder.hpp"
#include "tileloom/cli/progress_line.hpp"
#include "tileloom/cli/search_options.hpp"
#include "tileloom/cli/terminal.hpp"
#include "tileloom/cli/verb.hpp"
#include "tileloom/driver/precision.hpp"
#include "tileloom/driver/tune_on_cpu.hpp"
#include "tileloom/io/onnx/import.hpp"
#include "tileloom/io/yaml/find_architecture.hpp"
#include "tileloom/support/file.hpp"

namespace tileloom::cli {
namespace {

struct TuneOptions {
  std::string model;
  std::string arch;
  std::vector<std::string> bind;
  std::size_t most_units = *scheduler::OptimumOptions{}.most_units;
  std::optional<std::int64_t> batch;
  std::string cache;
  bool no_cache = false;
  std::string out;
  std::string json;
  bool progress = false;
  std::string measure;
  std::string compiler = "c++";
  std::string instruction;
  bool thread_time = false;
};

template <class T>
void take(const Result<T>& result, Diagnostics& mistakes) {
  if (!result) mistakes.insert(mistakes.end(), result.error().begin(), result.error().end());
}

Result<Workload> read_model(const TuneOptions& options) {
  const auto bindings = parse_bindings(options.bind);
  if (!bindings) return tl::unexpected(bindings.error());
  return import_onnx(options.model, {.bind = *bindings});
}

driver::TuneRequest request_of(const TuneOptions& options, ProgressLine& line) {
  driver::TuneRequest request;
  request.optimum.most_units = options.most_units;
  request.images = options.batch;
  request.budget.stop = &interrupted();
  request.now = thread_seconds;
  request.on_progress = [&line](std::size_t done, std::size_t all, const std::string& what) {
    line.show({done, all, what, {}});
  };
  return request;
}

/// The same question to this machine's own cores.
int run_measured(const TuneOptions& options) {
  const Result<Workload> model = read_model(options);
  if (!model) return report_mistakes(model.error());
  catch_interrupt();
  Result<report::CpuTuning> found;
  {
    ProgressLine line(options.progress, "steps");
    const driver::TuneRequest shared = request_of(options, line);
    found = driver::tune_on_cpu(
        *model,
        {.compiler = options.compiler,
         .instruction = options.instruction,
         .now = wall_seconds,
         .thread_now = options.thread_time ? std::function<double()>(thread_seconds) : nullptr,
         .on_progress = shared.on_progress},
        shared.budget);
  }
  if (!found) return report_mistakes(found.error());
  std::fputs(report::cpu_tuning_table(*found, table_options()).c_str(), stdout);
  if (options.json.empty()) return kOk;
  const Result<void> written = write_file(options.json, report::cpu_tuning_json(*found));
  return written ? kOk : report_mistakes(written.error());
}

/// The report, and the loop trees of the optimum and of the batch where there are some.
Files tuning_files(const report::TunedFusion& report) {
  Files files = {{"fusion.json", report::tuned_fusion_json(report)},
                 {"fusion.html", report::tuned_fusion_page(report)}};
  const auto add = [&](const char* name, const report::TreeText& tree) {
    if (!tree.text.empty()) files.emplace_back(name, tree.text);
  };
  add("network.txt", report::strategy(report, "optimal").tree);
  if (report.batch) add("batch.txt", report.batch->tree);
  return files;
}

int run_tune(const TuneOptions& options) {
  if (!options.measure.empty()) return run_measured(options);
  Diagnostics mistakes;
  const Result<Architecture> arch =
      options.arch.empty()
          ? mistake({}, "no architecture is given",
                    "name one with --arch, or measure this machine with --measure cpu")
          : load_architecture(options.arch);
  take(arch, mistakes);
  Result<Workload> model = read_model(options);
  take(model, mistakes);
  if (!mistakes.empty()) return report_mistakes(mistakes);
  Result<std::optional<std::string>> cache;
  if (!options.no_cache) cache = cache_folder(options.cache);
  if (!cache) return report_mistakes(cache.error());
  const Result<std::optional<OutputFolder>> folder = OutputFolder::open_if_named(options.out);
  if (!folder) return report_mistakes(folder.error());
  catch_interrupt();
  const Workload workload = driver::apply_precision(std::move(*model), *arch);
  Result<report::TunedFusion> report;
  {
    ProgressLine line(options.progress, "steps");
    driver::TuneRequest request = request_of(options, line);
    request.cache_folder = *std::move(cache);
    report = driver::tune_fusion(workload, *arch, request);
  }
  if (!report) return report_mistakes(report.error());
  std::fputs(report::tuned_fusion_table(*report, table_options()).c_str(), stdout);
  if (const std::string note = driver::precision_note(*arch); !note.empty()) {
    fmt::print("element widths: {}\n", note);
  }
  if (interrupted().load()) std::fputs("stopped early: the best found so far\n", stdout);
  Files files;
  if (*folder) (*folder)->add(tuning_files(*report), files);
  if (!options.json.empty()) files.emplace_back(options.json, report::tuned_fusion_json(*report));
  if (const Result<void> written = write_files(files); !written) {
    return report_mistakes(written.error());
  }
  const scheduler::Fusion& best = report::strategy(*report, "optimal").fusion;
  return best.proof == Proof::infeasible ? kInfeasible : kOk;
}

}  // namespace

Run add_tune_fusion(CLI::App& app) {
  const auto options = std::make_shared<TuneOptions>();
  CLI::App* verb = app.add_subcommand(
      "tune-fusion", "Which layers to fuse and on how many cores: DLFusion, rivals, optimum");
  verb->add_option("MODEL", options->model, "ONNX file")->required();
  CLI::Option* const arch =
      verb->add_option("--arch", options->arch, "YAML file, or the name of a shipped architecture");
  verb->add_option("--bind", options->bind, "size of a symbolic dimension: NAME=SIZE");
  CLI::Option* const most =
      verb->add_option("--max-block", options->most_units,
                       "units in one block of the optimum, if no other strategy has a longer one")
          ->check(CLI::Range(1, 1'000'000))
          ->capture_default_str();
  CLI::Option* const batch =
      verb->add_option(
              "--batch", options->batch,
              "also schedule so many inputs of the model with blocks on disjoint groups of "
              "cores at the same time")
          ->check(CLI::Range(1, 1024));
  CLI::Option* const cache =
      verb->add_option("--cache", options->cache, "folder of remembered calibrations")
          ->type_name("DIR");
  CLI::Option* const no_cache = verb->add_flag("--no-cache", options->no_cache,
                                               "neither use nor keep remembered calibrations");
  CLI::Option* const out =
      verb->add_option(
              "--out", options->out,
              "folder for fusion.json, fusion.html and the loop trees of the optimum (network.txt) "
              "and of the batch (batch.txt)")
          ->type_name("DIR");
  verb->add_option("--json", options->json, "also write the report as JSON")->type_name("FILE");
  CLI::Option* const measure =
      verb->add_option("--measure", options->measure,
                       "instead of --arch: run the model's layers as int8 on this machine's own "
                       "cores, block by block, and time them")
          ->check(CLI::IsMember({"cpu"}));
  for (CLI::Option* const other : {arch, most, batch, cache, no_cache, out})
    measure->excludes(other);
  verb->add_option("--compiler", options->compiler, "that builds what --measure runs")
      ->needs(measure)
      ->capture_default_str();
  verb->add_option("--instruction", options->instruction,
                   "vnni_1x16x4 or vnni_1x8x4; the widest that this processor has")
      ->check(CLI::IsMember({"vnni_1x16x4", "vnni_1x8x4"}))
      ->needs(measure);
  verb->add_flag("--thread-time", options->thread_time,
                 "a block takes the processor time of its slowest thread, so that other work on "
                 "the machine does not count")
      ->needs(measure);
  verb->add_flag("--progress", options->progress, "show progress even if not on a terminal");
  verb->footer(
      "Exit code: 0 tuned, 2 bad input, 3 a layer fits on no number of cores. Ctrl-C ends the "
      "search for the optimum.");
  return [options] { return run_tune(*options); };
}

}  // namespace tileloom::cli
