#include "tileloom/cli/joint_fusion.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

namespace tileloom::cli {
namespace {

using namespace scheduler;

const std::string& layer_at(const defines::JointSpace& space, std::size_t node) {
  return space.graph().nodes[static_cast<defines::NodeId>(node)].id;
}

std::string stack_line(const defines::JointSpace& space, const defines::JointStack& stack) {
  const defines::Point& point = stack.point;
  const defines::Extent full =
      space.graph().nodes[static_cast<defines::NodeId>(stack.range.last)].full;
  const std::string layers =
      stack.range.first == stack.range.last
          ? fmt::format("layer {}", layer_at(space, stack.range.last))
          : fmt::format("layers {} to {}", layer_at(space, stack.range.first),
                        layer_at(space, stack.range.last));
  const std::string tiles = point.tile == full ? std::string("whole maps")
                                               : fmt::format("{} {}x{}", short_name(point.mode),
                                                             point.tile.x, point.tile.y);
  return fmt::format("    {:<20} {:<24} {:>12.5g} pJ {:>12} cycles\n", layers, tiles,
                     stack.totals.energy.value, stack.totals.latency1.value);
}

}  // namespace

std::string joint_table(const defines::JointSpace& space, const defines::JointResult& found) {
  std::string text = fmt::format(
      "\nstacks with a tile and mode of their own: {} schedules of which none beats another ({} "
      "stacks, {} evaluations, {} layer-tiles mapped)\n"
      "  with these tiles alone the least energy is {:.5g} pJ and the least latency {} cycles: "
      "{}\n",
      found.front.size(), found.ranges, found.evaluations, found.layer_tiles,
      found.least_energy.value, found.least_latency.value, to_string(found.proof));
  if (found.front.empty()) return text;
  for (const cost::Metric metric :
       {cost::Metric::energy, cost::Metric::latency, cost::Metric::edp}) {
    const defines::JointSchedule& best = best_of(found, {metric, {}});
    text += fmt::format("  least {}: {:.5g} pJ, {} cycles\n", to_string(metric), best.energy.value,
                        best.latency.value);
    for (const defines::JointStack& stack : best.stacks) text += stack_line(space, stack);
  }
  return text;
}

std::string joint_json(const defines::JointSpace& space, const defines::JointResult& found) {
  nlohmann::ordered_json document = {{"schema", "tileloom.joint/1"},
                                     {"proof", to_string(found.proof)},
                                     {"ranges", found.ranges},
                                     {"evaluations", found.evaluations},
                                     {"front", nlohmann::ordered_json::array()}};
  for (const defines::JointSchedule& schedule : found.front) {
    nlohmann::ordered_json stacks = nlohmann::ordered_json::array();
    for (const defines::JointStack& stack : schedule.stacks)
      stacks.push_back({{"first", layer_at(space, stack.range.first)},
                        {"last", layer_at(space, stack.range.last)},
                        {"mode", name(stack.point.mode)},
                        {"tile", {stack.point.tile.x, stack.point.tile.y}},
                        {"energy_pJ", stack.totals.energy.value},
                        {"latency_cycles", stack.totals.latency1.value}});
    document["front"].push_back({{"energy_pJ", schedule.energy.value},
                                 {"latency_cycles", schedule.latency.value},
                                 {"stacks", std::move(stacks)}});
  }
  return document.dump(1) + "\n";
}

}  // namespace tileloom::cli
