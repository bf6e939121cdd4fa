#include "tileloom/scheduler/defines/exploration.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace tileloom::scheduler::defines {
tl::expected<StackRun, std::variant<NoRoom, NoMapping>> run_stack(
    const Machine& machine, const Hierarchy& hierarchy, const Graph& graph, const Point& point,
    const Repairs& repairs, LayerCosts& costs) {
  auto plan = plan_tiles(machine, hierarchy, graph, point, repairs);
  if (!plan) return tl::unexpected(std::variant<NoRoom, NoMapping>(plan.error()));
  StackRun stack{graph, *std::move(plan), {}};
  const TileContext context{machine, hierarchy, graph, stack.plan, repairs, costs};
  for (const TileType& type : stack.plan.types) {
    auto run = run_tile(context, type);
    if (!run) return tl::unexpected(std::variant<NoRoom, NoMapping>(run.error()));
    stack.tiles.push_back(*std::move(run));
  }
  return stack;
}

Totals& Totals::operator+=(const Totals& other) {
  energy += other.energy;
  mac_energy += other.mac_energy;
  copy_energy += other.copy_energy;
  latency0 += other.latency0;
  latency1 += other.latency1;
  latency2 += other.latency2;
  copy_latency += other.copy_latency;
  return *this;
}

Totals operator*(std::int64_t count, const Totals& totals) {
  const auto scale = static_cast<double>(count);
  return {scale * totals.energy,      scale * totals.mac_energy, scale * totals.copy_energy,
          count * totals.latency0,    count * totals.latency1,   count * totals.latency2,
          count * totals.copy_latency};
}

Totals totals_of(const NodeRun& node) {
  Totals totals;
  totals.energy = totals.copy_energy = node.copies.energy;
  totals.latency1 = totals.latency2 = totals.copy_latency = node.copies.latency;
  if (!node.cost) return totals;
  const cost::defines2022::LayerCost& layer = node.cost->cost;
  totals.energy += layer.energy;
  totals.mac_energy = layer.mac_energy;
  totals.latency0 = layer.latency0;
  totals.latency1 += layer.latency1;
  totals.latency2 += layer.latency2;
  return totals;
}

Totals totals_of(const StackRun& stack) {
  Totals sum;
  for (std::size_t i = 0; i < stack.tiles.size(); ++i)
    for (const NodeRun& node : stack.tiles[i].nodes)
      sum += stack.plan.types[i].count * totals_of(node);
  return sum;
}

std::string explain(const Infeasible& infeasible, const Machine& machine) {
  if (const auto* room = std::get_if<NoRoom>(&infeasible.why))
    return fmt::format(
        "stack {}, tile {}x{}: the maps alive and their caches need {} bits, the largest memory of "
        "{} that outputs and inputs share has {}",
        infeasible.stack + 1, room->place.tile.x, room->place.tile.y, room->need.value,
        machine.name, room->largest.value);
  const auto& mapping = std::get<NoMapping>(infeasible.why);
  return fmt::format(
      "stack {}, layer {}, tile {}x{}: no loop order is legal on {} even with every memory level",
      infeasible.stack + 1, mapping.layer, mapping.tile.output.x, mapping.tile.output.y,
      machine.name);
}

Exploration::Exploration(Network network, Machine machine, Options options)
    : network_(std::move(network)),
      machine_(std::move(machine)),
      options_(std::move(options)),
      hierarchy_(machine_),
      graph_(graph_of(network_)),
      cuts_(cuts_of(options_.depth, graph_, machine_, options_.repairs)),
      stacks_(defines::stacks(graph_, cuts_, options_.repairs)),
      costs_(network_, machine_, options_) {}

tl::expected<StackRun, std::variant<NoRoom, NoMapping>> Exploration::run(const Graph& stack,
                                                                         const Point& point) const {
  return run_stack(machine_, hierarchy_, stack, point, options_.repairs, costs_);
}

tl::expected<Schedule, Infeasible> Exploration::evaluate(const Point& point) const {
  Schedule schedule;
  schedule.point = point;
  for (std::size_t i = 0; i < stacks_.size(); ++i) {
    auto stack = run(stacks_[i], point);
    if (!stack) return tl::unexpected(Infeasible{i, stack.error()});
    schedule.totals += totals_of(*stack);
    schedule.stacks.push_back(*std::move(stack));
  }
  return schedule;
}

Extent Exploration::largest_output() const {
  Extent largest;
  for (const Graph& stack : stacks_) {
    const Extent full = stack.nodes[stack.end()].full;
    largest = {std::max(largest.x, full.x), std::max(largest.y, full.y)};
  }
  return largest;
}

}  // namespace tileloom::scheduler::defines
