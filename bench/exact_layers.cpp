// Maps every distinct operator of a table of layers or of ONNX models with `exact` and prints what
// each took: CPU time, status, gap; then the distribution. With --threads other than 1 the time is
// that of the clock.
// Usage: exact_layers [--threads N] [--imperfect] [--only NAME] ARCH OBJECTIVE BUDGET
//                     FILE.csv|MODEL.onnx...
// With --only those operators whose names contain NAME.

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <ctime>
#include <iostream>
#include <set>
#include <string>
#include <vector>

#include "tileloom/driver/precision.hpp"
#include "tileloom/io/csv/read_layers.hpp"
#include "tileloom/io/onnx/import.hpp"
#include "tileloom/io/yaml/find_architecture.hpp"
#include "tileloom/mapper/canonical.hpp"
#include "tileloom/mapper/registry.hpp"
#include "tileloom/workload/make.hpp"

namespace {

using namespace tileloom;

template <class T>
T required(Result<T> result) {
  if (result) return *std::move(result);
  std::cerr << to_string(result.error());
  std::exit(2);
}

struct Options {
  int threads = 1;
  bool imperfect = false;
  std::string only;
};

double seconds(const Options& options) {
  if (options.threads == 1) return static_cast<double>(std::clock()) / CLOCKS_PER_SEC;
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return std::chrono::duration<double>(now).count();
}

struct Distribution {
  std::vector<double> seconds;
  int proved = 0;
};

class Bench {
 public:
  Bench(const Options& options, const std::string& arch, const std::string& objective,
        std::int64_t budget)
      : options_(options),
        arch_(required(load_architecture(arch))),
        objective_(required(cost::parse_objective(objective))),
        budget_{.evaluations = budget, .threads = options.threads},
        mapper_(required(mapper::make_mapper("exact", imperfect(options)))) {}

  void map_all(Workload workload) {
    workload = driver::apply_precision(std::move(workload), arch_);
    for (const OperatorId id : ids<OperatorId>(workload.operators.size())) {
      const Operator& op = workload.operators[id];
      if (op.name.find(options_.only) == std::string::npos) continue;
      if (seen_.insert(mapper::canonical_text(op)).second) map_one(workload, id);
    }
  }

  void map_one(const Workload& workload, OperatorId id) {
    const mapper::Constraints none;
    const mapper::Problem problem{workload, id, arch_, objective_, none};
    const double start = seconds(options_);
    const mapper::MapResult result = mapper_->map(problem, budget_, nullptr);
    const double took = seconds(options_) - start;
    const std::optional<double> gap = mapper::gap(result, objective_);
    const cost::Score value =
        result.evaluation
            ? cost::score(objective_, result.evaluation->latency.total, result.evaluation->energy)
            : cost::Score{};
    fmt::print("{:8.4f} s  {:12}  gap {:9}  {:9} evaluations  {:.9g}  {}\n", took,
               to_string(result.proof), gap ? fmt::format("{:.3f} %", 100 * *gap) : "-",
               result.evaluations, value.first, workload.operators[id].name);
    std::cout.flush();
    all_.seconds.push_back(took);
    all_.proved += result.proof == Proof::optimal ? 1 : 0;
  }

  void print_distribution() {
    std::vector<double>& s = all_.seconds;
    if (s.empty()) return;
    std::ranges::sort(s);
    double sum = 0;
    for (const double one : s) sum += one;
    fmt::print("{} operators, {} proved; {}: sum {:.2f}, median {:.4f}, 90 % {:.4f}, most {:.3f}\n",
               s.size(), all_.proved, options_.threads == 1 ? "CPU-s" : "s", sum, s[s.size() / 2],
               s[s.size() * 9 / 10], s.back());
  }

 private:
  static mapper::MapperOptions imperfect(const Options& options) {
    mapper::MapperOptions chosen;
    chosen.imperfect = options.imperfect;
    return chosen;
  }

  Options options_;
  Architecture arch_;
  cost::Objective objective_;
  Budget budget_;
  std::unique_ptr<mapper::Mapper> mapper_;
  std::set<std::string> seen_;
  Distribution all_;
};

}  // namespace

int main(int argc, char** argv) {
  std::vector<std::string> words(argv + 1, argv + argc);
  Options options;
  while (!words.empty() && words[0].starts_with("--")) {
    const bool threads = words[0] == "--threads" && words.size() > 1;
    if (threads) options.threads = std::atoi(words[1].c_str());
    const bool only = words[0] == "--only" && words.size() > 1;
    if (only) options.only = words[1];
    if (words[0] == "--imperfect") options.imperfect = true;
    words.erase(words.begin(), words.begin() + (threads || only ? 2 : 1));
  }
  if (words.size() < 4) {
    std::cerr << "usage: exact_layers [--threads N] [--imperfect] [--only NAME] ARCH OBJECTIVE "
                 "BUDGET FILE.csv|MODEL.onnx...\n";
    return 2;
  }
  Bench bench(options, words[0], words[1], std::atoll(words[2].c_str()));
  for (std::size_t i = 3; i < words.size(); ++i) {
    const std::string& file = words[i];
    if (file.ends_with(".csv")) {
      for (const TableLayer& layer : required(read_layers(file))) {
        bench.map_all(one_conv(layer.name, layer.shape, ElementBits{}));
      }
    } else {
      bench.map_all(required(import_onnx(file, {.bind = {{"batch", 1}, {"N", 1}}})));
    }
  }
  bench.print_distribution();
  return 0;
}
