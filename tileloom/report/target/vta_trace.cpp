#include <fmt/format.h>

#include "tileloom/report/target/vta_run.hpp"
#include "tileloom/report/trace_events.hpp"
#include "tileloom/target/vta/isa/assembly.hpp"
#include "tileloom/target/vta/network/layer_times.hpp"

namespace tileloom::report {
namespace {

using namespace target::vta;

/// One cycle of the file is a microsecond of the drawing.
constexpr double kClock = 1e6;

int track(Unit unit) { return static_cast<int>(unit) + 1; }

/// "load inp", "gemm", "alu shr": the first words of an instruction's text.
std::string short_name(const std::string& text) {
  const std::size_t first = text.find(' ');
  if (first == std::string::npos || text.compare(0, first, "gemm") == 0)
    return text.substr(0, first);
  return text.substr(0, text.find(' ', first + 1));
}

std::string wait_name(const Activity& activity) {
  if (activity.wait != Wait::token || !activity.wait_queue) return "wait for fetch";
  static constexpr const char* kNames[] = {
      "wait for loaded data (l2g)", "wait for a free buffer (g2l)", "wait for a result (g2s)",
      "wait for a stored result (s2g)"};
  return kNames[static_cast<std::size_t>(*activity.wait_queue)];
}

/// Names of layers above the units.
void add_layers(const Program& program, const Timing& timing, TraceEvents& trace) {
  if (program.layers.empty()) return;
  constexpr int kTrack = kUnits + 1;
  trace.name("thread_name", kTrack, "layers");
  const std::vector<LayerTime> times = layer_times(program.layers, timing);
  for (std::size_t l = 0; l < times.size(); ++l) {
    const LayerSpan& span = program.layers[l];
    trace.slice(kTrack, span.name, times[l].begin, times[l].end - times[l].begin,
                {{"kind", span.kind}, {"gemm_steps", gemm_steps(program.image, span)}});
  }
}

}  // namespace

std::string vta_trace(const Program& program, const Timing& timing) {
  const Image& image = program.image;
  TraceEvents trace(kClock);
  trace.name("process_name", std::nullopt, "VTA " + shape_text(image.config));
  for (Unit unit : {Unit::load, Unit::compute, Unit::store}) {
    trace.name("thread_name", track(unit), to_string(unit));
  }
  add_layers(program, timing, trace);
  for (const Activity& activity : timing.activities) {
    const std::string text = to_text(image.program[activity.instruction]);
    trace.slice(track(activity.unit), wait_name(activity), activity.ready,
                activity.begin - activity.ready, {{"insn", activity.instruction}});
    trace.slice(track(activity.unit), short_name(text), activity.begin,
                activity.end - activity.begin, {{"insn", activity.instruction}, {"text", text}});
  }
  return std::move(trace).text();
}

}  // namespace tileloom::report
