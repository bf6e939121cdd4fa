#include "tileloom/target/vta/codegen/nest.hpp"

#include <utility>

namespace tileloom::target::vta {

Nest nest_of(const Operator& op, const tileloom::Instruction& instruction,
             const Embedding& embedding) {
  const std::vector<OuterLoop> outer = outer_loops(op, instruction, embedding);
  std::vector<PackedOperand> packed = packed_operands(op, instruction, embedding, outer);
  Nest nest;
  for (std::size_t part = 0; part < kParts; ++part) nest.operands[part] = std::move(packed[part]);
  for (const OuterLoop& loop : outer) {
    nest.trips.push_back(loop.trips);
    nest.reduction.push_back(!relevant(op.output, loop.ranks.front()));
  }
  return nest;
}

std::int64_t steps(const Nest& nest) {
  std::int64_t product = 1;
  for (std::int64_t trips : nest.trips) product *= trips;
  return product;
}

Memory scratchpad(Part part) {
  switch (part) {
    case Part::data:
      return Memory::input;
    case Part::weights:
      return Memory::weight;
    case Part::result:
      return Memory::accumulator;
  }
  return Memory::input;
}

Memory dram_memory(Part part) {
  return part == Part::result ? Memory::output : scratchpad(part);
}

Box box_of(const PackedOperand& operand, const Tile& tile) {
  Box box;
  box.low.reserve(operand.axes.size());
  box.size.reserve(operand.axes.size());
  for (const PackedAxis& axis : operand.axes) {
    std::int64_t low = 0;
    std::int64_t size = 1;
    for (const PackedTerm& term : axis.terms) {
      low += term.step * tile.low[term.loop];
      size += term.step * (tile.size[term.loop] - 1);
    }
    box.low.push_back(axis.extent == 1 ? 0 : low);
    box.size.push_back(axis.extent == 1 ? 1 : size);
  }
  return box;
}

std::int64_t blocks(const Box& box) {
  std::int64_t product = 1;
  for (std::int64_t size : box.size) product *= size;
  return product;
}

std::vector<std::int64_t> strides_in(const PackedOperand& operand, const Box& box,
                                     std::size_t loops) {
  std::vector<std::int64_t> strides(loops, 0);
  std::int64_t inner = 1;
  for (std::size_t a = operand.axes.size(); a-- > 0;) {
    if (operand.axes[a].extent > 1) {
      for (const PackedTerm& term : operand.axes[a].terms) strides[term.loop] += term.step * inner;
    }
    inner *= box.size[a];
  }
  return strides;
}

}  // namespace tileloom::target::vta
