#include "tileloom/cost/prepared.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "tileloom/cost/energy.hpp"
#include "tileloom/cost/operand_axes.hpp"

namespace tileloom::cost {
namespace {

/// The memo of the axis, made if there is none yet.
AxisMemo* memo_of(std::vector<std::unique_ptr<AxisMemo>>& memos, AxisChains axis) {
  const auto same = std::ranges::find_if(
      memos, [&](const std::unique_ptr<AxisMemo>& memo) { return memo->axis() == axis; });
  if (same != memos.end()) return same->get();
  memos.push_back(std::make_unique<AxisMemo>(std::move(axis)));
  return memos.back().get();
}

/// Ranks of the axis with more than one index.
std::size_t moving_ranks(const AxisChains& axis) {
  return static_cast<std::size_t>(
      std::ranges::count_if(axis.chains, [](const Chain& chain) { return chain.extent > 1; }));
}

/// The longest box of the axis: that of no loops.
double whole_length(const AxisChains& axis) {
  return static_cast<double>(axis_sums(axis, Keep::overlap).largest);
}

PreparedOperand prepare(const Operator& op, const Operand& operand,
                        std::vector<std::unique_ptr<AxisMemo>>& memos) {
  PreparedOperand result{.tensor = operand.tensor,
                         .role = operand.role,
                         .bits = static_cast<double>(operand.bits),
                         .partial_bits = static_cast<double>(operand.partial_bits),
                         .own_axes = operand.axes.size()};
  OperandAxes axes = operand_axes(op, operand);
  for (std::size_t r = 0; r < op.ranks.size(); ++r) {
    const RankPlace place = axes.places[r];
    const AxisChains& axis = axes.axes[place.axis];
    result.ranks.push_back({.coefficient = static_cast<double>(axis.coefficients[place.chain]),
                            .relevance = axis.idle_only ? 0.0 : 1.0,
                            .axis = static_cast<std::uint16_t>(place.axis),
                            .chain = static_cast<std::uint16_t>(place.chain)});
  }
  for (AxisChains& axis : axes.axes) {
    PreparedAxis prepared;
    const double length = whole_length(axis);
    result.home_tile *= length;
    if (moving_ranks(axis) <= 1 && !cut_by_padding(axis)) {
      prepared.length = length;
    } else {
      prepared.table = static_cast<std::int16_t>(result.tables.size());
      result.tables.push_back(static_cast<std::uint16_t>(result.axes.size()));
    }
    prepared.memo = memo_of(memos, std::move(axis));
    result.axes.push_back(prepared);
  }
  for (RankRole& rank : result.ranks) rank.table = result.axes[rank.axis].table;
  return result;
}

}  // namespace

PreparedOperator prepare(const Operator& op) {
  PreparedOperator result;
  for (const Rank& rank : op.ranks) result.extents.push_back(static_cast<double>(rank.extent));
  for (const Operand* operand : operands(op)) {
    result.operands.push_back(prepare(op, *operand, result.memos));
  }
  return result;
}

PreparedMemory prepare(const Architecture& arch, MemoryId id) {
  const Memory& memory = arch.memories[id];
  const double access = static_cast<double>(memory.word.value) * static_cast<double>(memory.block);
  PreparedMemory result;
  result.read_per_bit = memory.read.value.value / access;
  result.write_per_bit = memory.write.value.value / access;
  result.read = memory.ports.read.value_or(INFINITY);
  result.write = memory.ports.write.value_or(INFINITY);
  result.shared = memory.ports.shared.value_or(INFINITY);
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

}  // namespace tileloom::cost
