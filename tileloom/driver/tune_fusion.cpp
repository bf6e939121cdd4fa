#include "tileloom/driver/tune_fusion.hpp"

#include <fmt/format.h>

#include "tileloom/driver/calibration_store.hpp"
#include "tileloom/loop_tree/text.hpp"
#include "tileloom/reference/block_replay.hpp"
#include "tileloom/scheduler/dlfusion/block_tree.hpp"
#include "tileloom/support/checked.hpp"

namespace tileloom::driver {
namespace {

void report_progress(const TuneRequest& request, std::size_t done, std::size_t all,
                     const std::string& what) {
  if (request.on_progress) request.on_progress(done, all, what);
}

/// From the cache, or measured on the event simulator.
void calibrate_machine(report::TunedFusion& report, const Architecture& arch,
                       const cost::MulticoreMachine& machine, const TuneRequest& request) {
  const std::int64_t bits = arch.compute.precision ? (*arch.compute.precision)[0] : 8;
  const std::string key = calibration_key(arch, bits);
  if (request.cache_folder) {
    if (auto known = find_calibration(*request.cache_folder, key)) {
      report.calibration = std::move(*known);
      report.calibration_cached = true;
      return;
    }
  }
  const auto now = [&] { return request.now ? request.now() : 0.0; };
  const double start = now();
  report.calibration = scheduler::calibrate(
      machine, bits,
      [&](const Workload& workload, const Block& block, const cost::BlockPlan& plan) {
        return reference::replay_block(workload, machine, block, plan);
      },
      [&](std::size_t done, std::size_t all) {
        report_progress(request, done, all, "calibration");
      });
  report.calibration_seconds = now() - start;
  if (request.cache_folder) keep_calibration(*request.cache_folder, key, report.calibration);
}

double simulated_segment(const scheduler::FusionProblem& problem, const scheduler::Segment& segment,
                         std::int64_t images) {
  if (!segment.repeated) {
    return reference::replay_pipeline(problem.workload, problem.machine,
                                      pipeline_stages(problem, segment.stages), images);
  }
  const Block block = block_of(problem.workload, problem.units, segment.repeated->units);
  return static_cast<double>(images) * reference::replay_block(problem.workload, problem.machine,
                                                               block,
                                                               segment.repeated->choice.plan);
}

report::TreeText tree_text(const scheduler::ScheduleTree& schedule, const Architecture& arch) {
  report::TreeText text;
  if (schedule.tree) text.text = print_tree(schedule.workload, arch, *schedule.tree);
  for (const Violation& violation : schedule.violations) text.obstacles.push_back(violation.what);
  return text;
}

/// The best schedule of a batch, the optimum of one image known.
void add_batch(report::TunedFusion& report, const scheduler::FusionProblem& problem,
               const Architecture& arch, const TuneRequest& request) {
  const scheduler::Fusion& best = report::strategy(report, "optimal").fusion;
  if (best.blocks.empty()) return;
  scheduler::PipelinedOptions options{.images = *request.images, .optimum = request.optimum};
  for (const report::TunedStrategy& entry : report.strategies) {
    for (const scheduler::FusedBlock& block : entry.fusion.blocks) {
      options.optimum.besides.push_back(block.units);
    }
  }
  const auto now = [&] { return request.now ? request.now() : 0.0; };
  std::int64_t plans = 0;
  scheduler::BlockTimes times(problem, model_back_end(problem, plans));
  scheduler::StagePrices prices;
  report::TunedBatch batch;
  batch.repeated = static_cast<double>(*request.images) * best.cycles;
  const double start = now();
  batch.schedule =
      pipelined(times, prices, options, best.intervals, batch.repeated, request.budget);
  batch.schedule.seconds = now() - start;
  options.most_stages = 1;
  batch.launched_once =
      pipelined(times, prices, options, best.intervals, batch.repeated, request.budget).cycles;
  for (const scheduler::Segment& segment : batch.schedule.segments) {
    batch.simulated.push_back(simulated_segment(problem, segment, *request.images));
  }
  batch.tree = tree_text(tree_of(problem, arch, batch.schedule), arch);
  report.batch = std::move(batch);
}

/// What stands against any fusion at all.
Diagnostics obstacles(const Workload& workload) {
  if (!workload.operators.empty()) return {};
  return {{{},
           fmt::format("nothing can be scheduled: none of the {} nodes of {} became an operator",
                       workload.coverage.size(), workload.name),
           "see 'tileloom inspect' for what became of each"}};
}

}  // namespace

Result<report::TunedFusion> tune_fusion(const Workload& workload, const Architecture& arch,
                                        const TuneRequest& request) {
  if (const Diagnostics found = obstacles(workload); !found.empty()) {
    return tl::unexpected(found);
  }
  try {
    const cost::MulticoreMachine machine = cost::multicore_machine(arch);
    report::TunedFusion report;
    report.model = workload.name;
    report.architecture = arch.name;
    report.clock_hz = arch.clock_hz;
    report.cores = machine.cores;
    report.multicast = machine.multicast;
    for (const Operator& op : workload.operators) report.operators.push_back(op.name);
    report.units = scheduler::make_units(workload);
    calibrate_machine(report, arch, machine, request);

    const cost::NetworkWork network = cost::network_work(workload);
    const scheduler::FusionProblem problem{workload, machine, network, report.units};
    std::size_t done = 0;
    const scheduler::DlfusionOptions options{
        .optimum = request.optimum,
        .now = request.now,
        .on_strategy = [&](const std::string& name) { report_progress(request, done++, 8, name); }};
    for (scheduler::Fusion& fusion :
         scheduler::compare_strategies(problem, report.calibration, options, request.budget)) {
      report::TunedStrategy entry{std::move(fusion), {}, {}};
      for (const scheduler::FusedBlock& block : entry.fusion.blocks) {
        entry.simulated.push_back(reference::replay_block(
            workload, machine, block_of(workload, report.units, block.units), block.choice.plan));
      }
      if (!entry.fusion.blocks.empty()) {
        entry.tree = tree_text(tree_of(problem, arch, entry.fusion), arch);
      }
      report.strategies.push_back(std::move(entry));
    }
    if (request.images) {
      report_progress(request, 8, 8, "pipelined");
      add_batch(report, problem, arch, request);
    }
    return report;
  } catch (const OverflowError& error) {
    return mistake({}, error.what(), "the operator or its tiles are too large");
  }
}

}  // namespace tileloom::driver
