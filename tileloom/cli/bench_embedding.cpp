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
#include "tileloom/driver/bench_embedding.hpp"
#include "tileloom/io/csv/read_deepbench.hpp"
#include "tileloom/support/file.hpp"

namespace tileloom::cli {
namespace {

using driver::EmbeddingComparison;
using Json = nlohmann::ordered_json;

struct BenchArguments {
  std::string target = "vta";
  std::string shape = "1x16x16";
  std::string layers;
  bool json = false;
  std::string out;
};

struct BenchRow {
  EmbeddingComparison comparison;
  double seconds = 0;
};

int refuse(const Diagnostics& mistakes) {
  std::fputs(to_string(mistakes).c_str(), stderr);
  return kBadInput;
}

/// Geometric mean of the speed-ups of the operators that both strategies can do; 0 of none.
double geometric_mean(const std::vector<BenchRow>& rows) {
  double sum = 0;
  int count = 0;
  for (const BenchRow& row : rows) {
    if (row.comparison.speedup() <= 0) continue;
    sum += std::log(row.comparison.speedup());
    ++count;
  }
  return count == 0 ? 0 : std::exp(sum / count);
}

double largest(const std::vector<BenchRow>& rows) {
  double most = 0;
  for (const BenchRow& row : rows) most = std::max(most, row.comparison.speedup());
  return most;
}

std::string json_text(const BenchArguments& arguments, const target::vta::Config& config,
                      const std::vector<BenchRow>& rows) {
  Json operators = Json::array();
  for (const BenchRow& row : rows) {
    const EmbeddingComparison& c = row.comparison;
    operators.push_back({{"name", c.name},
                         {"macs", c.macs},
                         {"reference_cycles", c.reference_cycles},
                         {"embedding_cycles", c.cycles},
                         {"speedup", c.speedup()},
                         {"reference_gemm_steps", c.reference_steps},
                         {"embedding_gemm_steps", c.steps},
                         {"lower_bound_cycles", c.lower_bound},
                         {"utilisation", c.utilisation(config)},
                         {"embedding", c.embedding},
                         {"seconds", row.seconds}});
  }
  const Json json{{"target", arguments.target},
                  {"shape", arguments.shape},
                  {"geomean_speedup", geometric_mean(rows)},
                  {"max_speedup", largest(rows)},
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
  return text + fmt::format("geometric mean {:.3f}, largest {:.2f}, {} operators\n",
                            geometric_mean(rows), largest(rows), rows.size());
}

/// The same shape is worked out once.
std::vector<BenchRow> compare_all(const std::vector<DeepBenchLayer>& layers,
                                  const target::vta::Config& config) {
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
      rows.push_back({driver::compare_embeddings(*workload.operators.begin(), config, {})});
      rows.back().seconds = thread_seconds() - begin;
    }
    done.push_back(&layer);
    std::fprintf(stderr, "%zu/%zu %s\n", rows.size(), layers.size(), layer.name.c_str());
  }
  return rows;
}

int run(const BenchArguments& arguments) {
  const auto config = target::vta::config_of_shape(arguments.shape);
  const auto layers = read_deepbench(arguments.layers);
  Diagnostics mistakes;
  if (!config) mistakes = config.error();
  if (!layers) mistakes.insert(mistakes.end(), layers.error().begin(), layers.error().end());
  if (!mistakes.empty()) return refuse(mistakes);
  const std::vector<BenchRow> rows = compare_all(*layers, *config);
  const std::string text =
      arguments.json ? json_text(arguments, *config, rows) : table_text(rows);
  if (arguments.out.empty()) {
    std::fputs(text.c_str(), stdout);
    return kOk;
  }
  const Result<void> written = write_file(arguments.out, text);
  return written ? kOk : refuse(written.error());
}

}  // namespace

Run add_bench_embedding(CLI::App& app) {
  auto arguments = std::make_shared<BenchArguments>();
  CLI::App* verb = app.add_subcommand(
      "bench-embedding", "Compare instruction embedding with the fixed recipe, in cycles");
  verb->add_option("--target", arguments->target, "the machine")
      ->check(CLI::IsMember({"vta"}))
      ->capture_default_str();
  verb->add_option("--shape", arguments->shape, "GEMM core: BATCHxBLOCK_INxBLOCK_OUT")
      ->capture_default_str();
  verb->add_option("--layers", arguments->layers, "table of operators, as DeepBench's")
      ->type_name("FILE.csv")
      ->required();
  verb->add_flag("--json", arguments->json, "JSON instead of a table");
  verb->add_option("--out", arguments->out, "write to this file instead of standard output");
  return [arguments] { return run(*arguments); };
}

}  // namespace tileloom::cli
