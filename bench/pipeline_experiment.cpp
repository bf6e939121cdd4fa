// Table of docs/results/multicore.md: what blocks at the same time gain over a batch.

#include <fmt/format.h>

#include <cstdio>
#include <ctime>

#include "tileloom/driver/precision.hpp"
#include "tileloom/io/onnx/import.hpp"
#include "tileloom/io/yaml/find_architecture.hpp"
#include "tileloom/reference/block_replay.hpp"
#include "tileloom/scheduler/dlfusion/dlfusion.hpp"
#include "tileloom/scheduler/dlfusion/pipelined.hpp"

namespace tileloom {
namespace {

using namespace scheduler;

double processor_seconds() {
  return static_cast<double>(std::clock()) / static_cast<double>(CLOCKS_PER_SEC);
}

/// Cycles of the schedule on the event simulator.
double simulated(const FusionProblem& problem, const Pipelined& schedule) {
  double cycles = 0;
  for (const Segment& segment : schedule.segments) {
    cycles += segment.repeated
                  ? static_cast<double>(schedule.images) *
                        reference::replay_block(
                            problem.workload, problem.machine,
                            block_of(problem.workload, problem.units, segment.repeated->units),
                            segment.repeated->choice.plan)
                  : reference::replay_pipeline(problem.workload, problem.machine,
                                               pipeline_stages(problem, segment.stages),
                                               schedule.images);
  }
  return cycles;
}

void measure(const std::string& model, const std::string& machine_name, bool simulate) {
  const Result<Architecture> arch = load_architecture(machine_name);
  const Result<Workload> read =
      import_onnx(std::string(TILELOOM_SOURCE_DIR) + "/models/" + model + ".onnx", {});
  const Workload workload = driver::apply_precision(*read, *arch);
  const cost::MulticoreMachine machine = cost::multicore_machine(*arch);
  const cost::NetworkWork network = cost::network_work(workload);
  const UnitGraph units = make_units(workload);
  const FusionProblem problem{workload, machine, network, units};
  std::int64_t plans = 0;
  BlockTimes times(problem, model_back_end(problem, plans));
  const Fusion best = optimum(times, {}, {});
  for (const std::int64_t images : {1, 4, 16}) {
    const double repeated = static_cast<double>(images) * best.cycles;
    StagePrices prices;
    const double start = processor_seconds();
    const Pipelined all =
        pipelined(times, prices, {.images = images}, best.intervals, repeated, {});
    const double seconds = processor_seconds() - start;
    const Pipelined alone =
        pipelined(times, prices, {.images = images, .most_stages = 1}, best.intervals, repeated, {});
    std::size_t pipelines = 0, most = 0;
    for (const Segment& segment : all.segments) {
      pipelines += segment.stages.size() > 1;
      most = std::max(most, segment.stages.size());
    }
    fmt::print("| {} | {} | {} | {:.0f} | {:.0f} | {:.2f}x | {:.2f}x | {} of {} | {} | {} | {} | {:.2f} | {} |\n",
               machine_name, model, images, repeated, all.cycles, repeated / alone.cycles,
               repeated / all.cycles, pipelines, all.segments.size(), most, to_string(all.proof),
               all.labels, seconds,
               simulate ? fmt::format("{:.3f}", simulated(problem, all) / all.cycles) : "");
    std::fflush(stdout);
  }
}

}  // namespace
}  // namespace tileloom

int main(int count, char** words) {
  const std::vector<std::string> names(words + 1, words + count);
  fmt::print(
      "| machine | network | images | optimum repeated | pipelined | launched once | at the same "
      "time, too | pipelines | stages | status | labels | s | simulated / model |\n"
      "|---|---|---|---|---|---|---|---|---|---|---|---|---|\n");
  const std::vector<std::string> networks = {
      "resnet18",  "resnet50",     "vgg19", "alexnet",
      "googlenet", "mobilenet_v2", "llama3_block_prefill"};
  for (const char* machine : {"mlu100", "simba_36"}) {
    for (const std::string& model : names.empty() ? networks : names) {
      tileloom::measure(model, machine, true);
    }
  }
}
