// Maps every distinct operator of a table of layers or of ONNX models with `exact` and prints what
// each took: CPU time, status, gap; then the distribution.
// Usage: exact_layers ARCH OBJECTIVE BUDGET FILE.csv|MODEL.onnx...

#include <fmt/format.h>

#include <algorithm>
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

double cpu_seconds() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

struct Distribution {
  std::vector<double> seconds;
  int proved = 0;
};

class Bench {
 public:
  Bench(const std::string& arch, const std::string& objective, std::int64_t budget)
      : arch_(required(load_architecture(arch))),
        objective_(required(cost::parse_objective(objective))),
        budget_{.evaluations = budget, .threads = 1},
        mapper_(required(mapper::make_mapper("exact", {}))) {}

  void map_all(Workload workload) {
    workload = driver::apply_precision(std::move(workload), arch_);
    for (const OperatorId id : ids<OperatorId>(workload.operators.size())) {
      const Operator& op = workload.operators[id];
      if (seen_.insert(mapper::canonical_text(op)).second) map_one(workload, id);
    }
  }

  void map_one(const Workload& workload, OperatorId id) {
    const mapper::Constraints none;
    const mapper::Problem problem{workload, id, arch_, objective_, none};
    const double start = cpu_seconds();
    const mapper::MapResult result = mapper_->map(problem, budget_, nullptr);
    const double seconds = cpu_seconds() - start;
    const std::optional<double> gap = mapper::gap(result, objective_);
    const cost::Score value =
        result.evaluation ? cost::score(objective_, result.evaluation->latency.total,
                                        result.evaluation->energy)
                          : cost::Score{};
    fmt::print("{:8.4f} s  {:12}  gap {:9}  {:9} evaluations  {:.9g}  {}\n", seconds,
               to_string(result.proof), gap ? fmt::format("{:.3f} %", 100 * *gap) : "-",
               result.evaluations, value.first, workload.operators[id].name);
    std::cout.flush();
    all_.seconds.push_back(seconds);
    all_.proved += result.proof == Proof::optimal ? 1 : 0;
  }

  void print_distribution() {
    std::vector<double>& s = all_.seconds;
    if (s.empty()) return;
    std::ranges::sort(s);
    double sum = 0;
    for (const double seconds : s) sum += seconds;
    fmt::print("{} operators, {} proved; CPU-s: sum {:.2f}, median {:.4f}, 90 % {:.4f}, most {:.3f}\n",
               s.size(), all_.proved, sum, s[s.size() / 2], s[s.size() * 9 / 10], s.back());
  }

 private:
  Architecture arch_;
  cost::Objective objective_;
  Budget budget_;
  std::unique_ptr<mapper::Mapper> mapper_;
  std::set<std::string> seen_;
  Distribution all_;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc < 5) {
    std::cerr << "usage: exact_layers ARCH OBJECTIVE BUDGET FILE.csv|MODEL.onnx...\n";
    return 2;
  }
  Bench bench(argv[1], argv[2], std::atoll(argv[3]));
  for (int i = 4; i < argc; ++i) {
    const std::string file = argv[i];
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
