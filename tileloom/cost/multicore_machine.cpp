#include "tileloom/cost/multicore_machine.hpp"

#include <algorithm>
#include <limits>

namespace tileloom::cost {
namespace {

constexpr double kUnlimited = std::numeric_limits<double>::infinity();

/// Both directions share the channel: of ports that are given apart the narrower one counts.
double bandwidth(const Ports& ports) {
  double least = kUnlimited;
  for (const std::optional<double>& port : {ports.read, ports.write, ports.shared}) {
    if (port) least = std::min(least, *port);
  }
  return least;
}

/// Every way in which the free axes inside a core can join the three kinds.
std::vector<LaneShape> lane_shapes(const Architecture& arch) {
  std::vector<LaneShape> shapes = {{}};
  bool inside = std::ranges::none_of(arch.axes, &SpatialAxis::core);
  for (std::size_t i = 0; i < arch.axes.size(); ++i) {
    const SpatialAxis& axis = arch.axes[static_cast<AxisId>(i)];
    if (axis.core) {
      inside = true;
      shapes = {{}};
      continue;
    }
    if (!inside) continue;
    std::vector<LaneShape> next;
    const auto join = [&](std::int64_t LaneShape::*kind) {
      for (LaneShape shape : shapes) {
        shape.*kind *= axis.size;
        if (std::ranges::find(next, shape) == next.end()) next.push_back(shape);
      }
    };
    const bool any = axis.unroll == Unroll::any;
    if (any || axis.unroll == Unroll::output_channels) join(&LaneShape::output_channels);
    if (any || axis.unroll == Unroll::input_channels) join(&LaneShape::input_channels);
    if (any || axis.unroll == Unroll::positions) join(&LaneShape::positions);
    shapes = std::move(next);
  }
  return shapes;
}

}  // namespace

std::size_t memories_above_cores(const Architecture& arch) {
  std::size_t above = 1;
  for (const SpatialAxis& axis : arch.axes) {
    if (axis.core) above = axis.below;
  }
  return above;
}

std::optional<MemoryId> room_in_core(const Architecture& arch, Role role) {
  const std::size_t above = memories_above_cores(arch);
  for (const MemoryId id : ids<MemoryId>(arch.memories.size())) {
    if (index(id) >= above && arch.memories[id].holds[static_cast<std::size_t>(role)]) return id;
  }
  return std::nullopt;
}

MulticoreMachine multicore_machine(const Architecture& arch) {
  MulticoreMachine machine;
  const std::size_t above = memories_above_cores(arch);
  machine.cores = cores(arch);
  machine.channels = arch.links.channels;
  if (above > 0) {
    machine.channel_bandwidth = bandwidth(arch.memories[static_cast<MemoryId>(above - 1)].ports) /
                                static_cast<double>(machine.channels);
  } else {
    machine.channel_bandwidth = kUnlimited;
  }
  machine.remote = arch.links.remote;
  machine.port = arch.links.port.value_or(kUnlimited);
  machine.exchange = arch.links.exchange;
  for (const SpatialAxis& axis : arch.axes) {
    if (axis.core && axis.size > 1) machine.multicast = axis.multicast;
  }
  const std::optional<MemoryId> inputs = room_in_core(arch, Role::input);
  const std::optional<MemoryId> weights = room_in_core(arch, Role::weight);
  const auto bits = [&](MemoryId id) -> std::optional<std::int64_t> {
    const std::optional<Bits>& capacity = arch.memories[id].capacity;
    return capacity ? std::optional(capacity->value) : std::nullopt;
  };
  if (inputs) machine.activation_bits = bits(*inputs);
  if (weights) machine.weight_bits = bits(*weights);
  machine.one_room = inputs == weights;
  machine.overlap = inputs && arch.memories[*inputs].double_buffered;
  machine.lanes = lane_shapes(arch);
  machine.cycles_per_operation = arch.compute.cycles_per_operation;
  machine.launch = static_cast<double>(arch.launch_cycles);
  machine.sync = static_cast<double>(arch.sync_cycles);
  machine.sync_core = static_cast<double>(arch.links.sync_core_cycles);
  return machine;
}

/// (M1) dispatch = launch + (n > 1: sync + n · sync per core)
double dispatch(const MulticoreMachine& machine, std::int64_t cores) {
  if (cores <= 1) return machine.launch;
  return machine.launch + machine.sync + static_cast<double>(cores) * machine.sync_core;
}

}  // namespace tileloom::cost
