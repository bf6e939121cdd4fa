#include "tileloom/target/vta/isa/isa.hpp"

#include <fmt/format.h>

#include <array>
#include <type_traits>

#include "tileloom/target/vta/isa/encode.hpp"

namespace tileloom::target::vta {
namespace {

using Reasons = std::vector<std::string>;

void fits(Reasons& reasons, const char* field, std::int64_t value, int bits) {
  const std::int64_t most = (std::int64_t{1} << bits) - 1;
  if (value >= 0 && value <= most) return;
  reasons.push_back(fmt::format("{} is {}, must lie in 0..{}", field, value, most));
}

void check_fields(const Move& move, Reasons& reasons) {
  fits(reasons, "sram_base", move.sram_base, 16);
  fits(reasons, "dram_base", move.dram_base, 32);
  fits(reasons, "y_size", move.y_size, 16);
  fits(reasons, "x_size", move.x_size, 16);
  fits(reasons, "x_stride", move.x_stride, 16);
  for (std::int64_t pad : {move.y_pad_0, move.y_pad_1, move.x_pad_0, move.x_pad_1}) {
    fits(reasons, "a pad", pad, 4);
  }
}

void check_range(const Config& config, Memory memory, std::int64_t base, std::int64_t entries,
                 Reasons& reasons) {
  if (base + entries <= depth(config, memory)) return;
  reasons.push_back(fmt::format("SRAM access {}[{},{}) exceeds its {} entries", to_string(memory),
                                base, base + entries, depth(config, memory)));
}

void check(const Config& config, const Tokens& tokens, const Load& load, Reasons& reasons) {
  check_fields(load, reasons);
  if (load.memory == Memory::output) reasons.emplace_back("OUT cannot be loaded");
  if ((load.memory == Memory::input || load.memory == Memory::weight) &&
      (tokens.pop_previous || tokens.push_previous)) {
    reasons.emplace_back("the load unit has no previous unit to exchange tokens with");
  }
  const std::int64_t row = load.x_pad_0 + load.x_size + load.x_pad_1;
  if (load.x_size > 0) {
    check_range(config, load.memory, load.sram_base,
                row * (load.y_pad_0 + load.y_size + load.y_pad_1), reasons);
  }
}

void check(const Config& config, const Tokens& tokens, const Store& store, Reasons& reasons) {
  check_fields(store, reasons);
  if (store.memory != Memory::output) {
    reasons.push_back(
        fmt::format("store from {}: only OUT can be stored", to_string(store.memory)));
  }
  if ((store.y_pad_0 | store.y_pad_1 | store.x_pad_0 | store.x_pad_1) != 0) {
    reasons.emplace_back("a store cannot pad");
  }
  if (tokens.pop_next || tokens.push_next) {
    reasons.emplace_back("the store unit has no next unit to exchange tokens with");
  }
  check_range(config, Memory::output, store.sram_base, store.y_size * store.x_size, reasons);
}

void check_loops(const FieldWidths& w, const LoopNest& loops, Reasons& reasons) {
  fits(reasons, "uop_begin", loops.micro_op_begin, w.micro_op);
  fits(reasons, "uop_end", loops.micro_op_end, w.micro_op + 1);
  fits(reasons, "iter_out", loops.iter_outer, 14);
  fits(reasons, "iter_in", loops.iter_inner, 14);
  if (loops.iter_outer == 0 || loops.iter_inner == 0) {
    reasons.emplace_back("iteration counts must be at least 1");
  }
  if (loops.micro_op_end <= loops.micro_op_begin) {
    reasons.push_back(fmt::format("the range of micro-ops [{},{}) is empty", loops.micro_op_begin,
                                  loops.micro_op_end));
  } else if (loops.micro_op_end > std::int64_t{1} << w.micro_op) {
    reasons.push_back(fmt::format("SRAM access uop[{},{}) exceeds its {} entries",
                                  loops.micro_op_begin, loops.micro_op_end,
                                  std::int64_t{1} << w.micro_op));
  }
}

void check_factors(const char* name, const Factors& factors, int bits, Reasons& reasons) {
  fits(reasons, fmt::format("{}_factor_out", name).c_str(), factors.outer, bits);
  fits(reasons, fmt::format("{}_factor_in", name).c_str(), factors.inner, bits);
}

void check(const Config& config, const Tokens&, const Gemm& gemm, Reasons& reasons) {
  const FieldWidths w = field_widths(config);
  check_loops(w, gemm.loops, reasons);
  check_factors("dst", gemm.destination, w.accumulator, reasons);
  check_factors("src", gemm.source, w.input, reasons);
  check_factors("wgt", gemm.weight, w.weight, reasons);
}

void check(const Config& config, const Tokens&, const Alu& alu, Reasons& reasons) {
  const FieldWidths w = field_widths(config);
  check_loops(w, alu.loops, reasons);
  check_factors("dst", alu.destination, w.accumulator, reasons);
  check_factors("src", alu.source, w.accumulator, reasons);
  if (alu.immediate < INT16_MIN || alu.immediate > INT16_MAX) {
    reasons.push_back(fmt::format("the immediate is {}, must lie in -32768..32767", alu.immediate));
  }
}

void check(const Config&, const Tokens&, const Finish&, Reasons&) {}

}  // namespace

std::string to_string(Unit unit) {
  static constexpr std::array<const char*, kUnits> names{"load", "compute", "store"};
  return names[static_cast<std::size_t>(unit)];
}

std::string to_string(AluOp op) {
  static constexpr std::array<const char*, 5> names{"min", "max", "add", "shr", "mul"};
  return names[static_cast<std::size_t>(op)];
}

std::int64_t steps(const LoopNest& nest) {
  if (nest.micro_op_end <= nest.micro_op_begin) return 0;
  return nest.iter_outer * nest.iter_inner * (nest.micro_op_end - nest.micro_op_begin);
}

std::int64_t gemm_steps(std::span<const Instruction> program) {
  std::int64_t sum = 0;
  for (const Instruction& instruction : program) {
    const Gemm* gemm = std::get_if<Gemm>(&instruction.operation);
    if (gemm != nullptr && !gemm->reset) sum += steps(gemm->loops);
  }
  return sum;
}

Unit unit_of(const Instruction& instruction) {
  if (std::holds_alternative<Store>(instruction.operation)) return Unit::store;
  if (const Load* load = std::get_if<Load>(&instruction.operation)) {
    const bool data = load->memory == Memory::input || load->memory == Memory::weight;
    return data ? Unit::load : Unit::compute;
  }
  return Unit::compute;
}

std::vector<std::string> violations(const Config& config, const Instruction& instruction) {
  Reasons reasons;
  std::visit([&](const auto& operation) { check(config, instruction.tokens, operation, reasons); },
             instruction.operation);
  return reasons;
}

}  // namespace tileloom::target::vta
