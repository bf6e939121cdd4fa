#include "tileloom/target/vta/network/layer_times.hpp"

#include <algorithm>

namespace tileloom::target::vta {

std::vector<LayerTime> layer_times(const std::vector<LayerSpan>& layers, const Timing& timing) {
  std::vector<LayerTime> times(layers.size());
  for (const Activity& activity : timing.activities) {
    const auto instruction = static_cast<std::int64_t>(activity.instruction);
    const auto layer = std::partition_point(
        layers.begin(), layers.end(),
        [&](const LayerSpan& span) { return span.end <= instruction; });
    if (layer == layers.end()) continue;
    LayerTime& time = times[static_cast<std::size_t>(layer - layers.begin())];
    time.end = std::max(time.end, activity.end);
    Cycles& busy = time.busy[static_cast<std::size_t>(activity.unit)];
    busy = busy + (activity.end - activity.begin);
  }
  Cycles before{};
  for (LayerTime& time : times) {
    time.begin = before;
    time.end = std::max(time.end, before);
    before = time.end;
  }
  if (!times.empty()) times.back().end = std::max(times.back().end, timing.total);
  return times;
}

}  // namespace tileloom::target::vta
