#include <fmt/format.h>

#include <utility>

#include "tileloom/report/stacks/fused_files.hpp"
#include "tileloom/report/trace_events.hpp"

namespace tileloom::report {
namespace {

constexpr int kStackTrack = 1;
constexpr int kOperatorTrack = 2;

/// The operators of a stack one after the other, as long as all their runs take, and the fullest
/// moment of every memory while each runs.
void add_stack(TraceEvents& trace, const Workload& workload, const Architecture& arch,
               const StackDetail& detail, Cycles begin) {
  for (const StackLayer& layer : detail.layers) {
    trace.slice(kOperatorTrack, workload.operators[layer.op].name, begin, layer.latency,
                {{"runs", layer.runs},
                 {"recomputed_share", layer.recomputed},
                 {"energy_pj", layer.energy.value}});
    for (const StackMoment& moment : detail.moments) {
      if (moment.op != layer.op) continue;
      TraceEvents::Json values;
      for (const auto& [tensor, bits] : moment.occupants) {
        values[workload.tensors[tensor].name] = static_cast<double>(bits) / 8;
      }
      if (!values.is_null()) {
        trace.counter(fmt::format("{} occupancy [B]", arch.memories[moment.memory].name), begin,
                      std::move(values));
      }
    }
    begin += layer.latency;
  }
}

}  // namespace

std::string fused_trace(const Workload& workload, const Architecture& arch,
                        const scheduler::FusedSchedule& schedule, const StackDetails& details) {
  TraceEvents trace(arch.clock_hz);
  trace.name("process_name", std::nullopt, workload.name + " on " + arch.name);
  trace.name("thread_name", kStackTrack, "stacks");
  trace.name("thread_name", kOperatorTrack, "operators, all runs of a stack together");
  trace.order(kStackTrack);
  trace.order(kOperatorTrack);
  Cycles now{};
  Picojoules so_far{};
  for (std::size_t i = 0; i < schedule.parts.size(); ++i) {
    const scheduler::StackPart& part = schedule.parts[i];
    const AloneCost before = alone(schedule, part);
    const std::string first = workload.operators[part.operators.front()].name;
    trace.slice(kStackTrack, part.fused ? first + " ..: " + part.tiling : first, now, part.latency,
                {{"operators", part.operators.size()},
                 {"cycles", part.latency.value},
                 {"energy_pj", part.energy.value},
                 {"layer_by_layer_cycles", before.latency.value},
                 {"layer_by_layer_energy_pj", before.energy.value},
                 {"recomputed_share", recompute_share(workload, part)}});
    trace.counter("energy [uJ]", now, {{"uJ", so_far.value * 1e-6}});
    if (details[i]) add_stack(trace, workload, arch, *details[i], now);
    now += part.latency;
    so_far += part.energy;
  }
  trace.counter("energy [uJ]", now, {{"uJ", so_far.value * 1e-6}});
  return std::move(trace).text();
}

}  // namespace tileloom::report
