#include "tileloom/embedding/measure.hpp"

#include <algorithm>

#include "tileloom/support/checked.hpp"

namespace tileloom {

std::int64_t total_bytes(const Measures& measures) {
  std::int64_t sum = 0;
  for (const std::int64_t bytes : measures.bytes) sum = checked_add(sum, bytes);
  return sum;
}

Measures measure(const Operator& op, const Instruction& instruction, const Embedding& embedding) {
  const std::vector<OuterLoop> loops = outer_loops(op, instruction, embedding);
  Measures measures;
  measures.steps = steps(loops);
  for (const PackedOperand& packed : packed_operands(op, instruction, embedding, loops)) {
    const InstructionOperand& role = instruction_operand(instruction, packed.part);
    const std::int64_t elements = checked_mul(stored_blocks(packed), block_elements(packed));
    const std::int64_t bytes = ceil_div(checked_mul(elements, role.stored_bits), 8);
    measures.bytes[static_cast<std::size_t>(packed.part)] = bytes;
    const bool constant = tensor_operand(op, embedding, packed.part).role == Role::weight;
    if (!(constant && role.free_packing)) {
      measures.packing = checked_add(measures.packing, bytes);
    }
  }
  measures.cycles =
      std::max(measures.steps, ceil_div(total_bytes(measures), instruction.bytes_per_step));
  return measures;
}

}  // namespace tileloom
