// How much the assumed figures of the MLU100-like machine matter: each at the ends of its range,
// the others as shipped, on seven networks.
//
//     build/release/bench/sensitivity_experiment [MODEL...] > table.md
//
// A cell holds the optimum's speed-up over none and how far the joint strategy is above it.

#include <fmt/format.h>

#include <cmath>
#include <cstdio>
#include <functional>

#include "tileloom/driver/precision.hpp"
#include "tileloom/io/onnx/import.hpp"
#include "tileloom/io/yaml/find_architecture.hpp"
#include "tileloom/reference/block_replay.hpp"
#include "tileloom/scheduler/dlfusion/dlfusion.hpp"
#include "tileloom/scheduler/dlfusion/rivals.hpp"

namespace {

using namespace tileloom;
using scheduler::BlockTimes;
using scheduler::Fusion;
using Machine = cost::MulticoreMachine;

struct Variant {
  std::string what, value;
  std::function<void(Machine&)> change;
};

/// Bytes per second at 1 GHz in bits per cycle.
constexpr double bits_per_cycle(double gigabytes_per_second) { return 8 * gigabytes_per_second; }

std::vector<Variant> variants() {
  const auto memory = [](std::int64_t kibibytes) {
    return [=](Machine& m) { m.activation_bits = m.weight_bits = kibibytes * 8192; };
  };
  const auto port = [](double rate) { return [=](Machine& m) { m.port = bits_per_cycle(rate); }; };
  const auto set = [](double Machine::*figure, double value) {
    return [=](Machine& m) { m.*figure = value; };
  };
  const auto lanes = [](std::int64_t k, std::int64_t c) {
    return [=](Machine& m) { m.lanes = {{k, c, 1}}; };
  };
  return {{"as shipped", "", [](Machine&) {}},
          {"on-chip memory per core", "512 KiB", memory(512)},
          {"on-chip memory per core", "2 MiB", memory(2048)},
          {"a core's port", "12.8 GB/s", port(12.8)},
          {"a core's port", "102.4 GB/s", port(102.4)},
          {"remote channels", "0.5", set(&Machine::remote, 0.5)},
          {"remote channels", "1", set(&Machine::remote, 1)},
          {"launch", "1000", set(&Machine::launch, 1000)},
          {"launch", "10000", set(&Machine::launch, 10000)},
          {"synchronisation", "100", set(&Machine::sync, 100)},
          {"synchronisation", "2000", set(&Machine::sync, 2000)},
          {"and per core", "0", set(&Machine::sync_core, 0)},
          {"and per core", "100", set(&Machine::sync_core, 100)},
          {"lanes k x c", "16 x 64", lanes(16, 64)},
          {"lanes k x c", "64 x 16", lanes(64, 16)},
          {"multicast", "yes", [](Machine& m) { m.multicast = true; }},
          {"exchange", "16 B/cycle", [](Machine& m) { m.exchange = 128; }}};
}

class Experiment {
 public:
  Experiment(const Machine& machine, const scheduler::Calibration& calibration)
      : machine_(machine), calibration_(calibration) {}

  /// Optimum's speed-up and the joint strategy's distance; collects the latter.
  std::string cell(const Workload& workload) {
    const cost::NetworkWork network = cost::network_work(workload);
    const scheduler::UnitGraph units = scheduler::make_units(workload);
    const scheduler::FusionProblem problem{workload, machine_, network, units};
    std::int64_t plans = 0;
    BlockTimes times(problem, model_back_end(problem, plans));
    const Fusion none = scheduler::no_optimisation(times);
    const Fusion greedy = scheduler::joint_greedy(times, calibration_);
    scheduler::OptimumOptions options;
    for (const scheduler::FusedBlock& block : greedy.blocks) options.besides.push_back(block.units);
    const Fusion best = scheduler::optimum(times, options, {});
    if (best.proof != Proof::optimal) return "none";
    const double above = greedy.cycles / best.cycles;
    sum_ += std::log(above);
    ++count_;
    return fmt::format("{:.2f}x, {:+.1f} %", none.cycles / best.cycles, 100 * (above - 1));
  }

  double mean_above() const { return std::exp(sum_ / std::max(1, count_)) - 1; }

 private:
  const Machine& machine_;
  const scheduler::Calibration& calibration_;
  double sum_ = 0;
  int count_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
  std::vector<std::string> names(argv + 1, argv + argc);
  if (names.empty()) {
    names = {"resnet18",
             "resnet50",
             "vgg19",
             "alexnet",
             "googlenet",
             "mobilenet_v2",
             "llama3_block_prefill"};
  }
  const Result<Architecture> arch = load_architecture("mlu100");
  if (!arch) return fmt::print(stderr, "{}", to_string(arch.error())), 2;
  std::vector<Workload> networks;
  fmt::print("| assumption | value |");
  for (const std::string& name : names) {
    Result<Workload> read =
        import_onnx(std::string(TILELOOM_SOURCE_DIR) + "/models/" + name + ".onnx", {});
    if (!read) return fmt::print(stderr, "{}", to_string(read.error())), 2;
    networks.push_back(driver::apply_precision(std::move(*read), *arch));
    fmt::print(" {} |", name);
  }
  fmt::print(" mean above |\n|---|---|---|{}\n", [&] {
    std::string bars;
    for (std::size_t i = 0; i < names.size(); ++i) bars += "---|";
    return bars;
  }());
  for (const Variant& variant : variants()) {
    Machine machine = cost::multicore_machine(*arch);
    variant.change(machine);
    const scheduler::Calibration calibration = scheduler::calibrate(
        machine, 16,
        [&](const Workload& workload, const Block& block, const cost::BlockPlan& plan) {
          return reference::replay_block(workload, machine, block, plan);
        });
    Experiment experiment(machine, calibration);
    fmt::print("| {} | {} |", variant.what, variant.value);
    for (const Workload& network : networks) {
      fmt::print(" {} |", experiment.cell(network));
      std::fflush(stdout);
    }
    fmt::print(" {:.1f} % |\n", 100 * experiment.mean_above());
    std::fflush(stdout);
  }
  return 0;
}
