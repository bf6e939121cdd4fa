#include "tileloom/cost/profiles/timeloop/from_tileloom.hpp"

#include <fmt/format.h>

#include "tileloom/support/checked.hpp"

namespace tileloom::cost::timeloop {
namespace {

std::optional<double> words_per_cycle(const std::optional<double>& bits, Bits word) {
  if (!bits) return std::nullopt;
  return *bits / static_cast<double>(word.value);
}

/// Figures of a memory that Timeloop has no place for.
void check_prices(const Memory& memory, Reasons& reasons) {
  if (memory.read.value != memory.write.value)
    reasons.push_back(fmt::format("{} reads for {} pJ and writes for {} pJ, Timeloop has one price",
                                  memory.name, memory.read.value.value, memory.write.value.value));
}

Level level_from(const Memory& memory, bool outermost, const Mesh& mesh, Reasons& reasons) {
  Level level;
  level.name = memory.name;
  level.reduces = !outermost;
  level.mesh = mesh;
  level.word_bits = memory.word.value;
  if (memory.capacity) level.size_words = memory.capacity->value / memory.word.value;
  level.block_size = memory.block;
  level.multiple_buffering = memory.double_buffered ? 2 : 1;
  level.bandwidth = {words_per_cycle(memory.ports.read, memory.word),
                     words_per_cycle(memory.ports.write, memory.word),
                     words_per_cycle(memory.ports.shared, memory.word)};
  level.vector_access_pj = memory.read.value.value;
  if (!memory.shared_along.empty())
    reasons.push_back(
        fmt::format("{} is shared along an axis outside it, Timeloop's instances only grow inwards",
                    memory.name));
  return level;
}

void check_axis(const SpatialAxis& axis, Reasons& reasons) {
  if (axis.hop.value.value != 0)
    reasons.push_back(
        fmt::format("axis {} charges {} pJ per bit and position, Timeloop charges per hop",
                    axis.name, axis.hop.value.value));
  if (axis.size > 1 && !axis.multicast)
    reasons.push_back(fmt::format("axis {} has no multicast, Timeloop's always do", axis.name));
  if (axis.size > 1 && !axis.reduce)
    reasons.push_back(
        fmt::format("axis {} does not add partial sums, Timeloop's always do", axis.name));
}

/// Instances inside the axes that have `below` memories above them, and what stands around them.
Mesh widened(const Architecture& arch, std::size_t below, Mesh mesh, Reasons& reasons) {
  const std::vector<bool> is_y = y_axes(arch);
  int along_x = 0;
  int along_y = 0;
  for (const AxisId id : ids<AxisId>(arch.axes.size())) {
    const SpatialAxis& axis = arch.axes[id];
    if (axis.below != below || axis.size == 1) continue;
    std::int64_t& count = is_y[index(id)] ? mesh.y : mesh.x;
    count = checked_mul(count, axis.size);
    ++(is_y[index(id)] ? along_y : along_x);
  }
  if (along_x > 1 || along_y > 1)
    reasons.push_back(
        fmt::format("several axes below {} run along {}, Timeloop's fan-outs have one X and one Y",
                    below == 0 ? "nothing" : arch.memories[static_cast<MemoryId>(below - 1)].name,
                    along_x > 1 ? "X" : "Y"));
  return mesh;
}

void check_figures(const Architecture& arch, Reasons& reasons) {
  if (arch.launch_cycles != 0 || arch.sync_cycles != 0)
    reasons.push_back("Timeloop has no cycles to launch or synchronise an operator");
  if (arch.compute.cycles_per_operation != 1)
    reasons.push_back(fmt::format("a lane takes {} cycles per operation, Timeloop's take one",
                                  arch.compute.cycles_per_operation));
  for (const SpatialAxis& axis : arch.axes) check_axis(axis, reasons);
  for (const Memory& memory : arch.memories) check_prices(memory, reasons);
}

Dataspace dataspace_from(const Workload& workload, const Operand& operand) {
  Dataspace space;
  space.name = workload.tensors[operand.tensor].name;
  space.is_output = operand.role == Role::output;
  for (const Axis& axis : operand.axes) {
    Rank rank;
    for (const tileloom::Term& term : axis.terms)
      rank.push_back({static_cast<DimId>(index(term.rank)), term.coefficient});
    space.ranks.push_back(std::move(rank));
  }
  return space;
}

void append(Reasons& all, const Reasons& more) { all.insert(all.end(), more.begin(), more.end()); }

}  // namespace

std::vector<bool> y_axes(const Architecture& arch) {
  std::vector<bool> is_y;
  for (const SpatialAxis& axis : arch.axes)
    is_y.push_back(axis.name == "y" || axis.name.ends_with("_y") || axis.name.ends_with('Y'));
  for (std::size_t m = 0; m <= arch.memories.size(); ++m) {
    std::vector<std::size_t> here;
    bool named = false;
    for (const AxisId id : ids<AxisId>(arch.axes.size()))
      if (arch.axes[id].below == m && arch.axes[id].size > 1) {
        here.push_back(index(id));
        named = named || is_y[index(id)];
      }
    if (here.size() == 2 && !named) is_y[here[0]] = true;
  }
  return is_y;
}

tl::expected<Arch, Reasons> arch_from(const Architecture& machine, Wanted wanted) {
  Reasons reasons;
  if (wanted == Wanted::figures) check_figures(machine, reasons);
  Arch arch;
  arch.name = machine.name;
  arch.levels.resize(machine.memories.size());
  Mesh mesh = widened(machine, 0, {}, reasons);
  for (std::size_t m = 0; m < machine.memories.size(); ++m) {
    const Memory& memory = machine.memories[static_cast<MemoryId>(m)];
    arch.levels[machine.memories.size() - 1 - m] = level_from(memory, m == 0, mesh, reasons);
    mesh = widened(machine, m + 1, mesh, reasons);
  }
  arch.arithmetic.mesh = mesh;
  arch.arithmetic.mac_pj = machine.compute.mac.value.value;
  if (machine.compute.precision)
    arch.arithmetic.word_bits = (*machine.compute.precision)[static_cast<std::size_t>(Role::input)];
  if (!reasons.empty()) return tl::unexpected(std::move(reasons));
  return arch;
}

tl::expected<Problem, Reasons> problem_from(const Workload& workload, const Operator& op) {
  if (op.function != PointFunction::multiply || op.reduction != Reduction::sum)
    return tl::unexpected(Reasons{
        fmt::format("{} is no multiply-accumulate, Timeloop's model knows nothing else", op.name)});
  Problem problem;
  for (const tileloom::Rank& rank : op.ranks) problem.dims.push_back({rank.name, rank.extent});
  for (const Operand* operand : operands(op))
    problem.spaces.push_back(dataspace_from(workload, *operand));
  return problem;
}

tl::expected<Nouns, Reasons> nouns_from(const Workload& workload, const Operator& op,
                                        const Architecture& machine,
                                        std::span<const PathNode> path, Wanted wanted) {
  auto arch = arch_from(machine, wanted);
  auto problem = problem_from(workload, op);
  auto mapping = mapping_from(workload, op, machine, path);
  if (arch && problem && mapping)
    return Nouns{std::move(*arch), std::move(*problem), std::move(*mapping)};
  Reasons reasons;
  if (!arch) append(reasons, arch.error());
  if (!problem) append(reasons, problem.error());
  if (!mapping) append(reasons, mapping.error());
  return tl::unexpected(std::move(reasons));
}

}  // namespace tileloom::cost::timeloop
