#include "tileloom/cost/prepared.hpp"

#include <cmath>

#include "tileloom/cost/energy.hpp"
#include "tileloom/support/checked.hpp"

namespace tileloom::cost {

PreparedMemory prepare(const Architecture& arch, MemoryId id) {
  const Memory& memory = arch.memories[id];
  const double access = static_cast<double>(memory.word.value) * static_cast<double>(memory.block);
  PreparedMemory result;
  result.read_per_bit = memory.read.value.value / access;
  result.write_per_bit = memory.write.value.value / access;
  result.read = memory.ports.read;
  result.write = memory.ports.write;
  result.shared = memory.ports.shared;
  result.capacity = memory.capacity ? static_cast<double>(memory.capacity->value) : INFINITY;
  result.copies = memory.double_buffered ? 2 : 1;
  for (const AxisId axis : ids<AxisId>(arch.axes.size())) {
    if (replicated(arch, id, axis)) result.replicated |= axis_bit(axis);
  }
  for (const MemoryId inner : ids<MemoryId>(arch.memories.size())) {
    result.hop.push_back(hop_energy(arch, id, inner).value);
  }
  result.hop.push_back(hop_energy(arch, id, std::nullopt).value);
  return result;
}

namespace {

PreparedAxis prepare_axis(AxisChains chains, bool short_formula) {
  PreparedAxis axis;
  axis.short_formula = short_formula;
  axis.coefficient = chains.coefficients.empty() ? 0 : static_cast<double>(chains.coefficients[0]);
  for (const Keep keep : {Keep::overlap, Keep::same}) {
    axis.memo[static_cast<std::size_t>(keep)] = std::make_unique<AxisMemo>(chains, keep);
  }
  return axis;
}

}  // namespace

PreparedOperand prepare(const Operator& op, const Operand& operand) {
  PreparedOperand result;
  result.tensor = operand.tensor;
  result.role = operand.role;
  result.bits = static_cast<double>(operand.bits);
  result.partial_bits = static_cast<double>(operand.partial_bits);
  result.ranks.resize(op.ranks.size());
  for (const Axis& axis : operand.axes) {
    AxisChains chains{.offset = axis.offset,
                      .extent = axis.extent,
                      .idle_only = false,
                      .coefficients = {},
                      .chains = {},
                      .loops = {}};
    std::int64_t last = axis.offset;
    for (const Term& term : axis.terms) {
      const std::int64_t extent = op.rank(term.rank).extent;
      result.ranks[index(term.rank)] = {true, false, static_cast<std::uint16_t>(result.axes.size()),
                                        static_cast<std::uint16_t>(chains.chains.size())};
      chains.coefficients.push_back(term.coefficient);
      chains.chains.push_back({extent, {}});
      last = checked_add(last, checked_mul(term.coefficient, extent - 1));
    }
    const bool cut = axis.offset < 0 || last >= axis.extent;
    const bool single = axis.terms.size() == 1;
    result.axes.push_back(prepare_axis(std::move(chains), single && !cut));
    if (!single) continue;
    result.axes.back().rank = axis.terms[0].rank;
    result.axes.back().extent = static_cast<double>(op.rank(axis.terms[0].rank).extent);
  }
  result.own_axes = result.axes.size();
  for (const RankId rank : ids<RankId>(op.ranks.size())) {
    if (result.ranks[index(rank)].relevant) continue;
    result.ranks[index(rank)].axis = static_cast<std::uint16_t>(result.axes.size());
    result.axes.push_back(prepare_axis({.offset = 0,
                                        .extent = 1,
                                        .idle_only = true,
                                        .coefficients = {0},
                                        .chains = {{op.rank(rank).extent, {}}},
                                        .loops = {}},
                                       true));
    result.axes.back().rank = rank;
    result.axes.back().coefficient = 0;
  }
  for (std::size_t a = 0; a < result.axes.size(); ++a) {
    const bool short_formula = result.axes[a].short_formula;
    result.table_of.push_back(short_formula ? -1 : static_cast<int>(result.tables.size()));
    if (!short_formula) result.tables.push_back(static_cast<std::uint16_t>(a));
  }
  for (RankRole& role : result.ranks) role.short_formula = result.axes[role.axis].short_formula;
  return result;
}

}  // namespace tileloom::cost
