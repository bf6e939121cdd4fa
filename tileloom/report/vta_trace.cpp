#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "tileloom/report/vta_run.hpp"
#include "tileloom/target/vta/assembly.hpp"
#include "tileloom/target/vta/layer_times.hpp"

namespace tileloom::report {
namespace {

using namespace target::vta;
using Json = nlohmann::ordered_json;

int track(Unit unit) { return static_cast<int>(unit) + 1; }

Json metadata(const char* what, int track, const std::string& text) {
  return {{"ph", "M"}, {"pid", 1}, {"tid", track}, {"name", what}, {"args", {{"name", text}}}};
}

Json slice(Unit unit, const std::string& name, Cycles begin, Cycles end, Json args) {
  return {{"ph", "X"},
          {"pid", 1},
          {"tid", track(unit)},
          {"name", name},
          {"ts", begin.value},
          {"dur", (end - begin).value},
          {"args", std::move(args)}};
}

/// "load inp", "gemm", "alu shr": the first words of an instruction's text.
std::string short_name(const std::string& text) {
  const std::size_t first = text.find(' ');
  if (first == std::string::npos || text.compare(0, first, "gemm") == 0) return text.substr(0, first);
  return text.substr(0, text.find(' ', first + 1));
}

std::string wait_name(const Activity& activity) {
  if (activity.wait != Wait::token || !activity.wait_queue) return "wait for fetch";
  static constexpr const char* kNames[] = {
      "wait for loaded data (l2g)", "wait for a free buffer (g2l)",
      "wait for a result (g2s)", "wait for a stored result (s2g)"};
  return kNames[static_cast<std::size_t>(*activity.wait_queue)];
}

/// Names of layers above the units.
void add_layers(const Program& program, const Timing& timing, Json& events) {
  if (program.layers.empty()) return;
  constexpr int kTrack = kUnits + 1;
  events.push_back(metadata("thread_name", kTrack, "layers"));
  const std::vector<LayerTime> times = layer_times(program.layers, timing);
  for (std::size_t l = 0; l < times.size(); ++l) {
    const LayerSpan& span = program.layers[l];
    events.push_back({{"ph", "X"},
                      {"pid", 1},
                      {"tid", kTrack},
                      {"name", span.name},
                      {"ts", times[l].begin.value},
                      {"dur", (times[l].end - times[l].begin).value},
                      {"args", {{"kind", span.kind}, {"gemm_steps", span.gemm_steps}}}});
  }
}

}  // namespace

std::string vta_trace(const Program& program, const Timing& timing) {
  const Image& image = program.image;
  Json events = Json::array();
  events.push_back(metadata("process_name", 0, "VTA " + shape_text(image.config)));
  for (Unit unit : {Unit::load, Unit::compute, Unit::store}) {
    events.push_back(metadata("thread_name", track(unit), to_string(unit)));
  }
  add_layers(program, timing, events);
  for (const Activity& activity : timing.activities) {
    const std::string text = to_text(image.program[activity.instruction]);
    if (activity.begin > activity.ready) {
      events.push_back(slice(activity.unit, wait_name(activity), activity.ready, activity.begin,
                             {{"insn", activity.instruction}}));
    }
    events.push_back(slice(activity.unit, short_name(text), activity.begin, activity.end,
                           {{"insn", activity.instruction}, {"text", text}}));
  }
  const Json document{{"displayTimeUnit", "ns"}, {"traceEvents", std::move(events)}};
  return document.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace tileloom::report
