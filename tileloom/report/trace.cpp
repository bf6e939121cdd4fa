#include "tileloom/report/trace.hpp"

#include <fmt/format.h>

#include <map>
#include <nlohmann/json.hpp>
#include <utility>

#include "tileloom/report/fused_files.hpp"
#include "tileloom/report/summary.hpp"

namespace tileloom::report {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kProcess = 1;
constexpr int kLayerTrack = 1;
constexpr int kComputeTrack = 2;

/// Microseconds, the format's unit.
double microseconds(const Architecture& arch, Cycles cycles) {
  return static_cast<double>(cycles.value) * 1e6 / arch.clock_hz;
}

class Trace {
 public:
  explicit Trace(const Architecture& arch) : arch_(arch) {}

  void name(const char* what, std::optional<int> track, const std::string& text) {
    Json event{{"ph", "M"}, {"pid", kProcess}, {"name", what}};
    if (track) event["tid"] = *track;
    event["args"] = {{"name", text}};
    events_.push_back(std::move(event));
  }
  void order(int track) {
    events_.push_back({{"ph", "M"},
                       {"pid", kProcess},
                       {"tid", track},
                       {"name", "thread_sort_index"},
                       {"args", {{"sort_index", track}}}});
  }
  void slice(int track, const std::string& text, Cycles begin, Cycles length, Json args) {
    if (length.value == 0) return;
    events_.push_back({{"ph", "X"},
                       {"pid", kProcess},
                       {"tid", track},
                       {"name", text},
                       {"ts", microseconds(arch_, begin)},
                       {"dur", microseconds(arch_, length)},
                       {"args", std::move(args)}});
  }
  void instant(const std::string& text, Cycles at, Json args) {
    events_.push_back({{"ph", "i"},
                       {"pid", kProcess},
                       {"tid", kLayerTrack},
                       {"name", text},
                       {"ts", microseconds(arch_, at)},
                       {"s", "t"},
                       {"args", std::move(args)}});
  }
  void counter(const std::string& text, Cycles at, Json values) {
    events_.push_back({{"ph", "C"},
                       {"pid", kProcess},
                       {"name", text},
                       {"ts", microseconds(arch_, at)},
                       {"args", std::move(values)}});
  }
  std::string text() && {
    const Json document{{"displayTimeUnit", "ns"}, {"traceEvents", std::move(events_)}};
    return document.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
  }

 private:
  const Architecture& arch_;
  Json events_ = Json::array();
};

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

void name_tracks(Trace& trace, const Architecture& arch, const scheduler::Schedule& schedule,
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

void add_busy(Trace& trace, const LayerSummary& summary, const PortTracks& tracks, Cycles begin) {
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

void add_counters(Trace& trace, const Architecture& arch, const cost::Evaluation& evaluation,
                  Cycles begin, Picojoules so_far) {
  trace.counter("power [mW]", begin, {{"mW", milliwatts(arch, evaluation)}});
  trace.counter("energy [uJ]", begin, {{"uJ", so_far.value * 1e-6}});
  for (const cost::Occupancy& memory : evaluation.occupancy) {
    trace.counter(fmt::format("{} occupancy [B]", arch.memories[memory.memory].name), begin,
                  {{"B", static_cast<double>(memory.used.value) / 8}});
  }
}

/// The operators of a stack one after the other, as long as all their runs take, and the fullest
/// moment of every memory while each runs.
void add_stack(Trace& trace, const Workload& workload, const Architecture& arch,
               const StackDetail& detail, Cycles begin) {
  for (const StackLayer& layer : detail.layers) {
    trace.slice(kComputeTrack, workload.operators[layer.op].name, begin, layer.latency,
                {{"runs", layer.runs},
                 {"recomputed_share", layer.recomputed},
                 {"energy_pj", layer.energy.value}});
    for (const StackMoment& moment : detail.moments) {
      if (moment.op != layer.op) continue;
      Json values;
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

std::string schedule_trace(const Workload& workload, const Architecture& arch,
                           const scheduler::Schedule& schedule) {
  Trace trace(arch);
  const PortTracks tracks = port_tracks(schedule);
  name_tracks(trace, arch, schedule, tracks);
  Cycles now{};
  Picojoules so_far{};
  for (const LayerSummary& summary : summaries(workload, arch, schedule)) {
    const cost::Evaluation* evaluation = summary.evaluation();
    if (evaluation == nullptr) {
      trace.instant(summary.op->name, now, {{"no mapping", summary.layer->result.reason}});
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

std::string fused_trace(const Workload& workload, const Architecture& arch,
                        const scheduler::FusedSchedule& schedule, const StackDetails& details) {
  Trace trace(arch);
  trace.name("process_name", std::nullopt, workload.name + " on " + arch.name);
  trace.name("thread_name", kLayerTrack, "stacks");
  trace.name("thread_name", kComputeTrack, "operators, all runs of a stack together");
  trace.order(kLayerTrack);
  trace.order(kComputeTrack);
  Cycles now{};
  Picojoules so_far{};
  for (std::size_t i = 0; i < schedule.parts.size(); ++i) {
    const scheduler::StackPart& part = schedule.parts[i];
    const AloneCost before = alone(schedule, part);
    const std::string first = workload.operators[part.operators.front()].name;
    trace.slice(kLayerTrack, part.fused ? first + " ..: " + part.tiling : first, now, part.latency,
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
