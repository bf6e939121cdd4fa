#include "tileloom/scheduler/exact/aims.hpp"

#include <algorithm>
#include <utility>

#include "tileloom/support/checked.hpp"

namespace tileloom::scheduler::exact {

double aimed(const ExactFusionOptions& options, double home_bits, std::int64_t inner_bits) {
  if (options.aim == chains::Aim::dram_traffic || options.front_traffic) return home_bits;
  return options.aim == chains::Aim::peak_memory ? static_cast<double>(inner_bits) : 0;
}

double beside(const ExactFusionOptions& options, std::int64_t inner_bits) {
  return options.front_memory ? static_cast<double>(inner_bits) : 0;
}

bool boundaries_near(const ExactFusionOptions& options) {
  return options.near_boundaries && options.aim != chains::Aim::peak_memory;
}

FrontPoint front_point(const std::vector<chains::Step>& chain, std::string text) {
  FrontPoint point;
  for (const chains::Step& step : chain) {
    point.latency.value = checked_add(point.latency.value, step.latency.value);
    point.energy += step.energy;
    point.home_bits += step.aimed;
    point.inner_bits = std::max(point.inner_bits, step.beside);
  }
  point.stacks = std::move(text);
  return point;
}

}  // namespace tileloom::scheduler::exact
