#include "tileloom/report/schedule/trace.hpp"

#include <fmt/format.h>

#include <map>
#include <utility>

#include "tileloom/report/schedule/summary.hpp"
#include "tileloom/report/trace_events.hpp"

namespace tileloom::report {
namespace {

using Json = TraceEvents::Json;

constexpr int kLayerTrack = 1;
constexpr int kComputeTrack = 2;

using PortTracks = std::map<std::pair<MemoryId, cost::PortKind>, int>;

/// One track per port that is ever busy, outermost memory first.
PortTracks port_tracks(const scheduler::Schedule& schedule) {
  PortTracks tracks;
  for (const scheduler::Layer& layer : schedule.layers) {
    if (!layer.result.evaluation) continue;
    for (const cost::PortTime& port : layer.result.evaluation->latency.ports) {
      if (port.cycles.value > 0) tracks[{port.memory, port.kind}] = 0;
    }
  }
  int next = kComputeTrack + 1;
  for (auto& [port, track] : tracks) track = next++;
  return tracks;
}

void name_tracks(TraceEvents& trace, const Architecture& arch, const scheduler::Schedule& schedule,
                 const PortTracks& tracks) {
  trace.name("process_name", std::nullopt, schedule.model + " on " + schedule.architecture);
  trace.name("thread_name", kLayerTrack, "layers");
  trace.name("thread_name", kComputeTrack, "compute");
  for (const auto& [port, track] : tracks) {
    trace.name("thread_name", track, port_name(arch, {.memory = port.first, .kind = port.second}));
  }
  for (int track = kLayerTrack; track <= kComputeTrack + static_cast<int>(tracks.size()); ++track) {
    trace.order(track);
  }
}

void add_busy(TraceEvents& trace, const LayerSummary& summary, const PortTracks& tracks,
              Cycles begin) {
  const cost::Latency& latency = summary.evaluation()->latency;
  const auto busy = [&](Cycles cycles) {
    return Json{
        {"cycles", cycles.value},
        {"share", static_cast<double>(cycles.value) / static_cast<double>(latency.total.value)}};
  };
  trace.slice(kComputeTrack, summary.op->name, begin, latency.compute, busy(latency.compute));
  for (const cost::PortTime& port : latency.ports) {
    if (port.cycles.value == 0) continue;
    Json args = busy(port.cycles);
    args["bits"] = port.bits;
    trace.slice(tracks.at({port.memory, port.kind}), summary.op->name, begin, port.cycles,
                std::move(args));
  }
}

/// pJ per cycle · clock = 1e-12 W · 1e3 mW/W
double milliwatts(const Architecture& arch, const cost::Evaluation& evaluation) {
  return evaluation.energy.value * (arch.clock_hz / 1e9) /
         static_cast<double>(evaluation.latency.total.value);
}

void add_counters(TraceEvents& trace, const Architecture& arch, const cost::Evaluation& evaluation,
                  Cycles begin, Picojoules so_far) {
  trace.counter("power [mW]", begin, {{"mW", milliwatts(arch, evaluation)}});
  trace.counter("energy [uJ]", begin, {{"uJ", so_far.value * 1e-6}});
  for (const cost::Occupancy& memory : evaluation.occupancy) {
    trace.counter(fmt::format("{} occupancy [B]", arch.memories[memory.memory].name), begin,
                  {{"B", static_cast<double>(memory.used.value) / 8}});
  }
}

}  // namespace

std::string schedule_trace(const Workload& workload, const Architecture& arch,
                           const scheduler::Schedule& schedule) {
  TraceEvents trace(arch.clock_hz);
  const PortTracks tracks = port_tracks(schedule);
  name_tracks(trace, arch, schedule, tracks);
  Cycles now{};
  Picojoules so_far{};
  for (const LayerSummary& summary : summaries(workload, arch, schedule)) {
    const cost::Evaluation* evaluation = summary.evaluation();
    if (evaluation == nullptr) {
      trace.instant(kLayerTrack, summary.op->name, now,
                    {{"no mapping", summary.layer->result.reason}});
      continue;
    }
    trace.slice(kLayerTrack, summary.op->name, now, evaluation->latency.total,
                {{"kind", summary.op->kind},
                 {"macs", summary.macs},
                 {"cycles", evaluation->latency.total.value},
                 {"energy_pj", evaluation->energy.value},
                 {"utilisation", evaluation->utilisation},
                 {"bound_by", summary.bottleneck.bound},
                 {"relief", summary.bottleneck.relief}});
    add_busy(trace, summary, tracks, now);
    add_counters(trace, arch, *evaluation, now, so_far);
    now += evaluation->latency.total + summary.layer->dispatch;
    so_far += evaluation->energy;
  }
  trace.counter("power [mW]", now, {{"mW", 0}});
  trace.counter("energy [uJ]", now, {{"uJ", so_far.value * 1e-6}});
  return std::move(trace).text();
}

}  // namespace tileloom::report
