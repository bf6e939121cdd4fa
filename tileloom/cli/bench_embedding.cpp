// bench-embedding: instruction embedding against the fixed recipe on a table of operators.

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tileloom/cli/clock.hpp"
#include "tileloom/cli/verb.hpp"
#include "tileloom/cli/vta_machine.hpp"
#include "tileloom/driver/bench_embedding.hpp"
#include "tileloom/io/csv/read_deepbench.hpp"
#include "tileloom/support/file.hpp"

namespace tileloom::cli {
namespace {

using driver::EmbeddingComparison;
using Json = nlohmann::ordered_json;

/// The file of a --json that names none.
constexpr const char* kInstead = "-";

struct BenchArguments {
  std::string target = "vta";
  std::string shape;  ///< empty = not given
  std::string layers;
  std::string json;  ///< file; "-" = instead of the table
  bool check = false;
  std::string out;
};

struct BenchRow {
  EmbeddingComparison comparison;
  double seconds = 0;
};

/// Geometric mean and largest of the ratios of two figures where both exist.
struct Ratios {
  double geometric_mean = 0;
  double largest = 0;
};

using Figure = std::int64_t EmbeddingComparison::*;

Ratios ratios(const std::vector<BenchRow>& rows, Figure slow, Figure fast) {
  double sum = 0;
  int count = 0;
  Ratios result;
  for (const BenchRow& row : rows) {
    if (row.comparison.*slow == 0 || row.comparison.*fast == 0) continue;
    const double ratio = static_cast<double>(row.comparison.*slow) /
                         static_cast<double>(row.comparison.*fast);
    sum += std::log(ratio);
    result.largest = std::max(result.largest, ratio);
    ++count;
  }
  if (count > 0) result.geometric_mean = std::exp(sum / count);
  return result;
}

using Comparison = EmbeddingComparison;

Ratios speedups(const std::vector<BenchRow>& rows) {
  return ratios(rows, &Comparison::reference_cycles, &Comparison::cycles);
}

Json ratios_json(const Ratios& values) {
  return {{"geomean", values.geometric_mean}, {"max", values.largest}};
}

std::string json_text(const BenchArguments& arguments, const std::string& shape,
                      const std::vector<BenchRow>& rows) {
  Json operators = Json::array();
  for (const BenchRow& row : rows) {
    const EmbeddingComparison& c = row.comparison;
    operators.push_back({{"name", c.name},
                         {"macs", c.macs},
                         {"reference_cycles", c.reference_cycles},
                         {"embedding_cycles", c.cycles},
                         {"channel_cycles", c.channel_cycles},
                         {"reference_model_cycles", c.reference_model_cycles},
                         {"embedding_model_cycles", c.model_cycles},
                         {"speedup", c.speedup()},
                         {"reference_gemm_steps", c.reference_steps},
                         {"embedding_gemm_steps", c.steps},
                         {"lower_bound_cycles", c.lower_bound},
                         {"utilisation", c.utilisation()},
                         {"embedding", c.embedding},
                         {"seconds", row.seconds}});
  }
  const Json json{{"target", arguments.target},
                  {"shape", shape},
                  {"speedup", ratios_json(speedups(rows))},
                  {"speedup_over_tuned_channels",
                   ratios_json(ratios(rows, &Comparison::channel_cycles, &Comparison::cycles))},
                  {"speedup_in_model_cycles",
                   ratios_json(ratios(rows, &Comparison::reference_model_cycles,
                                      &Comparison::model_cycles))},
                  {"operators", std::move(operators)}};
  return json.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string table_text(const std::vector<BenchRow>& rows) {
  std::string text = fmt::format("{:<24} {:>12} {:>12} {:>8}  {}\n", "operator", "fixed [cyc]",
                                 "embedded", "speedup", "embedding");
  for (const BenchRow& row : rows) {
    const EmbeddingComparison& c = row.comparison;
    text += fmt::format("{:<24} {:>12} {:>12} {:>8.2f}  {}\n", c.name, c.reference_cycles, c.cycles,
                        c.speedup(), c.embedding);
  }
  const Ratios channels = ratios(rows, &Comparison::channel_cycles, &Comparison::cycles);
  return text + fmt::format("against the fixed recipe: geometric mean {:.3f}, largest {:.2f}\n"
                            "against its lanes tiled freely: {:.3f}, {:.2f}\n",
                            speedups(rows).geometric_mean, speedups(rows).largest,
                            channels.geometric_mean, channels.largest);
}

target::vta::CompileOptions options_of(const target::vta::Machine& machine) {
  target::vta::CompileOptions options;
  options.tune.timing = machine.timing;
  return options;
}

/// The same shape is worked out once.
std::vector<BenchRow> compare_all(const std::vector<DeepBenchLayer>& layers,
                                  const target::vta::Machine& machine) {
  const target::vta::CompileOptions options = options_of(machine);
  std::vector<BenchRow> rows;
  std::vector<const DeepBenchLayer*> done;
  for (const DeepBenchLayer& layer : layers) {
    const auto same = std::find_if(done.begin(), done.end(), [&](const DeepBenchLayer* other) {
      return other->shape == layer.shape;
    });
    const double begin = thread_seconds();
    if (same != done.end()) {
      rows.push_back(rows[static_cast<std::size_t>(same - done.begin())]);
      rows.back().comparison.name = layer.name;
    } else {
      const Workload workload = workload_of(layer, {});
      rows.push_back(
          {driver::compare_embeddings(*workload.operators.begin(), machine.config, options)});
      rows.back().seconds = thread_seconds() - begin;
    }
    done.push_back(&layer);
    std::fprintf(stderr, "%zu/%zu %s\n", rows.size(), layers.size(), layer.name.c_str());
  }
  return rows;
}

/// Runs every layer, reduced to what a point-by-point check can bear, on the simulator.
int check_all(const std::vector<DeepBenchLayer>& layers, const target::vta::Machine& machine) {
  const target::vta::CompileOptions options = options_of(machine);
  constexpr std::int64_t kMostMacs = 2'000'000;
  std::vector<DeepBenchLayer> done;
  std::int64_t steps = 0;
  int bad = 0;
  const double begin = thread_seconds();
  for (const DeepBenchLayer& layer : layers) {
    const DeepBenchLayer small = driver::reduced(layer, kMostMacs);
    const bool known = std::any_of(done.begin(), done.end(), [&](const DeepBenchLayer& other) {
      return other.shape == small.shape;
    });
    if (known) continue;
    done.push_back(small);
    const Workload workload = workload_of(small, {});
    const auto result =
        driver::check_embedding(*workload.operators.begin(), machine.config, options, done.size());
    steps += result.gemm_steps;
    if (result.wrong == 0 && result.complaints.empty()) continue;
    ++bad;
    std::printf("%s: %lld wrong elements%s%s\n", layer.name.c_str(),
                static_cast<long long>(result.wrong), result.complaints.empty() ? "" : ", ",
                result.complaints.empty() ? "" : result.complaints.front().c_str());
  }
  std::printf("%zu distinct operators checked on %s, %d wrong (%lld GEMM steps, %.1f s)\n",
              done.size(), target::vta::shape_text(machine.config).c_str(), bad,
              static_cast<long long>(steps), thread_seconds() - begin);
  return bad == 0 ? kOk : kDisagree;
}

int run(const BenchArguments& arguments) {
  const auto machine = machine_of(arguments.target, arguments.shape);
  const auto layers = read_deepbench(arguments.layers);
  Diagnostics mistakes;
  if (!machine) mistakes = machine.error();
  if (!layers) mistakes.insert(mistakes.end(), layers.error().begin(), layers.error().end());
  if (!mistakes.empty()) return report_mistakes(mistakes);
  if (arguments.check) return check_all(*layers, *machine);
  const std::vector<BenchRow> rows = compare_all(*layers, *machine);
  if (arguments.json.empty()) return write_or_print(arguments.out, table_text(rows));
  const std::string json =
      json_text(arguments, target::vta::shape_text(machine->config), rows);
  if (arguments.json == kInstead) return write_or_print(arguments.out, json);
  const std::string table = table_text(rows);
  Files files{{arguments.json, json}};
  if (!arguments.out.empty()) files.emplace_back(arguments.out, table);
  if (const Result<void> written = write_files(files); !written) {
    return report_mistakes(written.error());
  }
  if (arguments.out.empty()) std::fputs(table.c_str(), stdout);
  return kOk;
}

}  // namespace

Run add_bench_embedding(CLI::App& app) {
  auto arguments = std::make_shared<BenchArguments>();
  CLI::App* verb = app.add_subcommand(
      "bench-embedding", "Compare instruction embedding with the fixed recipe, in cycles");
  verb->add_option("--target", arguments->target, kVtaTarget)->capture_default_str();
  verb->add_option("--shape", arguments->shape, kShapeOption)->default_str(kUsualShape);
  verb->add_option("--layers", arguments->layers, "table of operators, as DeepBench's")
      ->type_name("FILE.csv")
      ->required();
  verb->add_option("--json", arguments->json,
                   "also write the comparison as JSON; without a file, instead of the table")
      ->option_text("[FILE]")
      ->expected(0, 1)
      ->default_str(kInstead);
  verb->add_flag("--check", arguments->check,
                 "run every operator (large ones reduced) on the simulator and compare with the plain "
                 "result, instead");
  verb->add_option("--out", arguments->out, "write to this file instead of standard output");
  return [arguments] { return run(*arguments); };
}

}  // namespace tileloom::cli
