#include "tileloom/cost/profiles/timeloop/to_tileloom.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "tileloom/cost/profiles/timeloop/tiles.hpp"
#include "tileloom/support/checked.hpp"

namespace tileloom::cost::timeloop {
namespace {

constexpr const char* kSource = "Timeloop architecture file";

std::string source_of(const std::string& stated) { return stated.empty() ? kSource : stated; }

std::optional<double> bits_per_cycle(const std::optional<double>& words, std::int64_t word_bits) {
  if (!words) return std::nullopt;
  return *words * static_cast<double>(word_bits);
}

Role role_by_name(const std::string& name, const Problem* problem) {
  if (problem != nullptr)
    for (const Dataspace& space : problem->spaces)
      if (space.name == name) return role_of(name, space.is_output);
  return role_of(name, name.starts_with('O') || name.starts_with('o'));
}

Memory memory_of(const Level& level, const Problem* problem, Reasons& notes) {
  Memory memory;
  memory.name = level.name;
  memory.word = {level.word_bits};
  memory.block = level.block_size;
  memory.ports = {bits_per_cycle(level.bandwidth.read, level.word_bits),
                  bits_per_cycle(level.bandwidth.write, level.word_bits),
                  bits_per_cycle(level.bandwidth.shared, level.word_bits)};
  memory.read = memory.write = {{level.vector_access_pj}, source_of(level.energy_source)};
  memory.double_buffered = level.multiple_buffering == 2;
  if (level.size_words) {
    const bool plain = memory.double_buffered || level.multiple_buffering == 1;
    const std::int64_t words =
        plain ? *level.size_words
              : static_cast<std::int64_t>(
                    std::floor(static_cast<double>(*level.size_words) / level.multiple_buffering));
    memory.capacity = Bits{checked_mul(words, level.word_bits)};
    if (!plain)
      notes.push_back(fmt::format("{}: {}-fold buffering is written as a smaller size", level.name,
                                  level.multiple_buffering));
  }
  if (level.allowed) {
    memory.holds.fill(false);
    for (const std::string& name : *level.allowed)
      memory.holds[static_cast<std::size_t>(role_by_name(name, problem))] = true;
  }
  if (level.cluster_size > 1)
    notes.push_back(
        fmt::format("{}: {} instances share an array; each is charged as if it had its own",
                    level.name, level.cluster_size));
  if (level.network_to_child != Network{})
    notes.push_back(fmt::format("{}: energies per hop and router were left out", level.name));
  return memory;
}

void add_axes(Architecture& machine, const Mesh& fanout, const std::string& inner,
              std::size_t below) {
  const auto add = [&](std::int64_t size, const char* suffix) {
    if (size == 1) return;
    SpatialAxis axis;
    axis.name = inner + suffix;
    axis.size = size;
    axis.below = below;
    machine.axes.push_back(std::move(axis));
  };
  add(fanout.y, "_y");
  add(fanout.x, "_x");
}

Operand operand_of(const Problem& problem, SpaceId space, const Widths& widths) {
  const Dataspace& data = problem.spaces[space];
  Operand operand;
  operand.tensor = static_cast<TensorId>(index(space));
  operand.role = role_of(data.name, data.is_output);
  operand.bits = widths.bits;
  operand.partial_bits = data.is_output ? widths.partial_bits : widths.bits;
  Extents bounds(problem.dims.size());
  for (const DimId dim : ids<DimId>(problem.dims.size())) bounds[dim] = problem.dims[dim].bound;
  const Vector lengths = box_lengths(data, bounds);
  for (std::size_t r = 0; r < data.ranks.size(); ++r) {
    Axis axis;
    axis.extent = lengths[r];
    for (const Term& term : data.ranks[r])
      axis.terms.push_back({static_cast<RankId>(index(term.dim)), term.coefficient});
    operand.axes.push_back(std::move(axis));
  }
  return operand;
}

/// A dim may stand in one rank of a dataspace only.
void check_ranks(const Problem& problem, Reasons& reasons) {
  for (const Dataspace& space : problem.spaces)
    for (const DimId dim : ids<DimId>(problem.dims.size())) {
      int uses = 0;
      for (const Rank& rank : space.ranks)
        for (const Term& term : rank) uses += term.dim == dim ? 1 : 0;
      if (uses > 1)
        reasons.push_back(fmt::format("{} uses {} in {} places, an operand may use a rank once",
                                      space.name, problem.dims[dim].name, uses));
    }
}

}  // namespace

Role role_of(const std::string& name, bool is_output) {
  if (is_output) return Role::output;
  const char first = name.empty() ? ' ' : name[0];
  return first == 'W' || first == 'w' || first == 'F' || first == 'f' ? Role::weight : Role::input;
}

Architecture architecture_of(const Arch& arch, const Problem* problem, Reasons& notes) {
  Architecture machine;
  machine.name = arch.name.empty() ? "timeloop" : arch.name;
  machine.source = kSource;
  for (std::size_t s = arch.levels.size(); s-- > 0;) {
    machine.memories.push_back(memory_of(arch.levels[s], problem, notes));
    add_axes(machine, fanout_of(arch, s), s == 0 ? "mac" : arch.levels[s - 1].name,
             machine.memories.size());
  }
  machine.compute.mac = {{arch.arithmetic.mac_pj}, source_of(arch.arithmetic.energy_source)};
  machine.compute.other = machine.compute.mac;
  return machine;
}

Widths widths_of(const Arch& arch, const Problem& problem) {
  Widths widths{arch.arithmetic.word_bits, arch.arithmetic.word_bits};
  for (const Level& level : arch.levels)
    for (const Dataspace& space : problem.spaces) {
      if (!space.is_output || !level.allowed) continue;
      if (std::find(level.allowed->begin(), level.allowed->end(), space.name) ==
          level.allowed->end())
        continue;
      widths.partial_bits = std::max(widths.bits, level.word_bits);
      return widths;
    }
  return widths;
}

tl::expected<Workload, Reasons> workload_of(const Problem& problem, const Widths& widths) {
  Reasons reasons;
  check_ranks(problem, reasons);
  if (!reasons.empty()) return tl::unexpected(std::move(reasons));
  Workload workload;
  workload.name = "timeloop";
  Operator op;
  op.name = "problem";
  op.kind = "Einsum";
  for (const Dim& dim : problem.dims) op.ranks.push_back({dim.name, dim.bound});
  for (const SpaceId space : ids<SpaceId>(problem.spaces.size())) {
    Operand operand = operand_of(problem, space, widths);
    Tensor tensor;
    tensor.name = problem.spaces[space].name;
    tensor.bits = widths.bits;
    for (const Axis& axis : operand.axes) tensor.shape.push_back(axis.extent);
    tensor.kind = operand.role == Role::output   ? TensorKind::output
                  : operand.role == Role::weight ? TensorKind::constant
                                                 : TensorKind::input;
    workload.tensors.push_back(std::move(tensor));
    if (operand.role == Role::output)
      op.output = std::move(operand);
    else
      op.inputs.push_back(std::move(operand));
  }
  workload.operators.push_back(std::move(op));
  return workload;
}

LoopTree tree_of(const Arch& arch, const Problem& problem, const Mapping& mapping,
                 const Architecture& machine) {
  LoopTree tree;
  Extents tile(problem.dims.size());
  for (const DimId dim : ids<DimId>(problem.dims.size())) tile[dim] = problem.dims[dim].bound;
  const auto add = [&](const std::vector<Factor>& factors, std::optional<AxisId> axis) {
    for (const Factor& factor : factors) {
      tile[factor.dim] /= factor.count;
      tree.path.emplace_back(
          Loop{OperatorId{0}, static_cast<RankId>(index(factor.dim)), tile[factor.dim], axis});
    }
  };
  const std::vector<bool> is_y = y_axes(machine);
  std::size_t memories = 0;  // passed so far
  for (std::size_t s = arch.levels.size(); s-- > 0;) {
    const auto memory = find_memory(machine, arch.levels[s].name);
    if (memory) memories = index(*memory) + 1;
    for (const SpaceId space : mapping.levels[s].keep)
      if (memory) tree.path.emplace_back(Store{static_cast<TensorId>(index(space)), *memory});
    const auto axis_here = [&](bool y) -> std::optional<AxisId> {
      for (const AxisId id : ids<AxisId>(machine.axes.size()))
        if (machine.axes[id].below == memories && is_y[index(id)] == y) return id;
      return std::nullopt;
    };
    add(mapping.levels[s].temporal, std::nullopt);
    add(mapping.levels[s].spatial_y, axis_here(true));
    add(mapping.levels[s].spatial_x, axis_here(false));
  }
  tree.tail = ComputeLeaf{OperatorId{0}};
  return tree;
}

}  // namespace tileloom::cost::timeloop
