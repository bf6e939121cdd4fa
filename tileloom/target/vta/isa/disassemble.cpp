#include <fmt/format.h>

#include "tileloom/target/vta/isa/assembly.hpp"

namespace tileloom::target::vta {
namespace {

std::string move_text(const char* name, const Move& m) {
  std::string text =
      fmt::format("{} {} sram={} dram={:#x} y={} x={} stride={}", name, to_string(m.memory),
                  m.sram_base, m.dram_base, m.y_size, m.x_size, m.x_stride);
  if ((m.y_pad_0 | m.y_pad_1 | m.x_pad_0 | m.x_pad_1) != 0) {
    text += fmt::format(" pad={},{},{},{}", m.y_pad_0, m.y_pad_1, m.x_pad_0, m.x_pad_1);
  }
  return text;
}

std::string loops_text(const LoopNest& loops) {
  return fmt::format(" uop={}..{} iter={}x{}", loops.micro_op_begin, loops.micro_op_end,
                     loops.iter_outer, loops.iter_inner);
}

std::string factors_text(const char* name, const Factors& factors) {
  return fmt::format(" {}={}/{}", name, factors.outer, factors.inner);
}

std::string operation_text(const Load& load) { return move_text("load", load); }
std::string operation_text(const Store& store) { return move_text("store", store); }
std::string operation_text(const Gemm& gemm) {
  return (gemm.reset ? "gemm reset" : "gemm") + loops_text(gemm.loops) +
         factors_text("dst", gemm.destination) + factors_text("src", gemm.source) +
         factors_text("wgt", gemm.weight);
}
std::string operation_text(const Alu& alu) {
  std::string text = "alu " + to_string(alu.op);
  if (alu.reset) text += " reset";
  if (alu.use_immediate) text += " use_imm";
  if (alu.immediate != 0 || alu.use_immediate) text += fmt::format(" imm={}", alu.immediate);
  return text + loops_text(alu.loops) + factors_text("dst", alu.destination) +
         factors_text("src", alu.source);
}
std::string operation_text(const Finish&) { return "finish"; }

}  // namespace

std::string to_text(const Instruction& instruction) {
  std::string text = std::visit([](const auto& operation) { return operation_text(operation); },
                                instruction.operation);
  if (instruction.tokens.pop_previous) text += " pop_prev";
  if (instruction.tokens.pop_next) text += " pop_next";
  if (instruction.tokens.push_previous) text += " push_prev";
  if (instruction.tokens.push_next) text += " push_next";
  return text;
}

std::string disassemble(const std::vector<Instruction>& program) {
  std::string text;
  for (const Instruction& instruction : program) text += to_text(instruction) + "\n";
  return text;
}

}  // namespace tileloom::target::vta
