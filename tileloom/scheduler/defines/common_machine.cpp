#include "tileloom/scheduler/defines/common_machine.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace tileloom::scheduler::defines {
namespace {

using namespace cost::defines2022;
// A memory here is the architecture's unless its profile is named.
using CommonMemory = tileloom::Memory;
using MachineMemory = cost::defines2022::Memory;

constexpr std::int64_t kUnlimited = std::int64_t{1} << 40;

std::int64_t width_of(const std::optional<double>& own, const std::optional<double>& shared) {
  double width = static_cast<double>(kUnlimited);
  if (own) width = std::min(width, *own);
  if (shared) width = std::min(width, *shared);
  return std::max<std::int64_t>(1, std::llround(width));
}

/// Inputs, weights, outputs.
constexpr std::array<std::pair<Role, MemoryOperand>, 3> kHeld{
    {{Role::input, MemoryOperand::I1},
     {Role::weight, MemoryOperand::I2},
     {Role::output, MemoryOperand::O}}};

/// One port for reads and one for writes, or one for both. Outputs move in all four directions.
std::vector<Port> ports_of(const CommonMemory& memory, const MachineMemory& made) {
  const bool one = memory.ports.shared.has_value();
  std::vector<Port> ports(one ? 1 : 2);
  ports[0].name = one ? "rw" : "r";
  ports.back().name = one ? "rw" : "w";
  for (const MemoryOperand operand : made.operands) {
    const int level = *made.level[operand];
    ports[0].serves.push_back({operand, level, Link::to_low});
    ports.back().serves.push_back({operand, level, Link::from_high});
    if (operand != MemoryOperand::O) continue;
    ports[0].serves.push_back({operand, level, Link::to_high});
    ports.back().serves.push_back({operand, level, Link::from_low});
  }
  return ports;
}

MachineMemory made_memory(const Architecture& arch, MemoryId id, PerOperand<int>& next_level) {
  const CommonMemory& memory = arch.memories[id];
  MachineMemory made;
  made.name = memory.name;
  for (const auto& [role, operand] : kHeld) {
    if (!memory.holds[static_cast<std::size_t>(role)]) continue;
    made.operands.push_back(operand);
    made.level[operand] = next_level[operand]++;
  }
  made.size = memory.capacity.value_or(Bits{kUnlimited});
  if (memory.double_buffered) made.size.value /= 2;
  made.read_width = {width_of(memory.ports.read, memory.ports.shared)};
  made.write_width = {width_of(memory.ports.write, memory.ports.shared)};
  const std::int64_t block = memory.word.value * memory.block;
  made.least_read = made.least_write = {block};
  const auto per_word = [&](const Energy& energy, Bits width) {
    return Picojoules{energy.value.value * static_cast<double>(width.value) /
                      static_cast<double>(block)};
  };
  made.read_energy = per_word(memory.read, made.read_width);
  made.write_energy = per_word(memory.write, made.write_width);
  made.latency = {1};
  made.instances = instances(arch, id);
  for (const AxisId axis : ids<AxisId>(arch.axes.size()))
    if (!replicated(arch, id, axis)) made.served_dims.push_back(arch.axes[axis].name);
  made.ports = ports_of(memory, made);
  return made;
}

}  // namespace

Result<Machine> machine_of(const Architecture& arch) {
  Diagnostics mistakes;
  const CommonMemory& top = arch.memories[MemoryId{0}];
  for (const auto& [role, operand] : kHeld)
    if (!top.holds[static_cast<std::size_t>(role)])
      mistakes.push_back({{},
                          fmt::format("the outermost memory of '{}', '{}', does not hold {}s",
                                      arch.name, top.name, to_string(role)),
                          "stacks of DeFiNES meet in one memory that holds everything"});
  for (const SpatialAxis& axis : arch.axes)
    if (axis.below == 0)
      mistakes.push_back({{},
                          fmt::format("axis '{}' of '{}' has no memory above it", axis.name,
                                      arch.name),
                          "put a memory outside the fanout"});
  if (!mistakes.empty()) return tl::unexpected(mistakes);
  Machine machine;
  machine.name = arch.name;
  machine.mac_energy = arch.compute.mac.value;
  for (const SpatialAxis& axis : arch.axes) machine.pe_dims.push_back({axis.name, axis.size});
  PerOperand<int> next_level;
  for (std::size_t m = arch.memories.size(); m-- > 0;)
    machine.memories.push_back(made_memory(arch, static_cast<MemoryId>(m), next_level));
  return machine;
}

}  // namespace tileloom::scheduler::defines
