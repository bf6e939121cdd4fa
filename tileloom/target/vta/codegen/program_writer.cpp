#include "tileloom/target/vta/codegen/program_writer.hpp"

#include <algorithm>

namespace tileloom::target::vta {
namespace {

Load micro_op_load(std::int64_t sram_base, std::int64_t dram_base, std::int64_t count) {
  Load load;
  load.memory = Memory::micro_op;
  load.sram_base = sram_base;
  load.dram_base = dram_base;
  load.x_size = load.x_stride = count;
  return load;
}

bool loads_micro_ops(const Instruction& instruction) {
  const Load* load = std::get_if<Load>(&instruction.operation);
  return load != nullptr && load->memory == Memory::micro_op && load->x_size > 0;
}

}  // namespace

std::int64_t micro_op_entries(const Config& config) {
  constexpr std::int64_t kPortable = 2048;
  return std::min(depth(config, Memory::micro_op), kPortable);
}

void ProgramWriter::add_sync(Tokens tokens) { add(tokens, micro_op_load(0, 0, 0)); }

LoopNest ProgramWriter::loops_of(const std::vector<MicroOp>& sequence) {
  const MicroOpMemory::Place place = micro_ops_.place(sequence);
  if (place.load) {
    add({}, micro_op_load(place.begin, micro_op_address_ / 4 + place.load_from, place.load_count));
  }
  return {place.begin, place.begin + static_cast<std::int64_t>(sequence.size()), 1, 1};
}

LoopNest ProgramWriter::entries(std::int64_t base, std::int64_t count) {
  LoopNest loops = loops_of({{base, base, 0}});
  loops.iter_inner = count;
  return loops;
}

std::vector<Instruction> ProgramWriter::take_instructions() {
  if (!micro_ops_.never_full()) return std::move(instructions_);
  std::vector<Instruction> result;
  result.reserve(instructions_.size());
  const auto count = static_cast<std::int64_t>(micro_ops_.words().size());
  result.push_back({{}, micro_op_load(0, micro_op_address_ / 4, count)});
  for (Instruction& instruction : instructions_) {
    if (!loads_micro_ops(instruction)) result.push_back(std::move(instruction));
  }
  return result;
}

}  // namespace tileloom::target::vta
