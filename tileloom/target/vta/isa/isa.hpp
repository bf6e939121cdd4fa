#pragma once
// VTA's instructions as values. Every address of a scratchpad counts entries, every address of DRAM
// elements of the memory it is moved to or from.

#include <cstdint>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "tileloom/target/vta/isa/config.hpp"

namespace tileloom::target::vta {

/// The units that execute instructions, in the order of their neighbourhood: "previous" and "next"
/// in Tokens go along load – compute – store.
enum class Unit : std::uint8_t { load = 0, compute = 1, store = 2 };
inline constexpr int kUnits = 3;
/// "load", "compute", "store".
std::string to_string(Unit unit);

/// Before it starts, an instruction takes one token from every queue it pops; when it has finished
/// it adds one to every queue it pushes.
struct Tokens {
  bool pop_previous = false;
  bool pop_next = false;
  bool push_previous = false;
  bool push_next = false;
  bool operator==(const Tokens&) const = default;
};

/// A block of rows between DRAM and a scratchpad, as encoded.
struct Move {
  Memory memory = Memory::input;
  std::int64_t sram_base = 0;
  std::int64_t dram_base = 0;
  std::int64_t y_size = 1;
  std::int64_t x_size = 0;
  std::int64_t x_stride = 0;
  std::int64_t y_pad_0 = 0;
  std::int64_t y_pad_1 = 0;
  std::int64_t x_pad_0 = 0;
  std::int64_t x_pad_1 = 0;
  bool operator==(const Move&) const = default;
};

/// DRAM → scratchpad. Written are, from sram_base on, y_pad_0 rows of zeros, then y_size rows each
/// of x_pad_0 zeros, x_size elements and x_pad_1 zeros, then y_pad_1 rows of zeros. Row r begins at
/// dram_base + r·x_stride. x_size = 0 moves nothing: only the tokens count.
struct Load : Move {
  bool operator==(const Load&) const = default;
};

/// Scratchpad → DRAM: the low 8 bits of every lane, y_size rows of x_size entries. Memory and pads
/// are kept as encoded; a valid program has `output` and none.
struct Store : Move {
  Store() { memory = Memory::output; }
  explicit Store(const Move& move) : Move(move) {}
  bool operator==(const Store&) const = default;
};

/// What one index adds per iteration of the outer and of the inner hardware loop.
struct Factors {
  std::int64_t outer = 0;
  std::int64_t inner = 0;
  bool operator==(const Factors&) const = default;
};

/// for o < iter_outer, for i < iter_inner, for u in [micro_op_begin, micro_op_end): one step.
struct LoopNest {
  std::int64_t micro_op_begin = 0;
  std::int64_t micro_op_end = 1;
  std::int64_t iter_outer = 1;
  std::int64_t iter_inner = 1;
  bool operator==(const LoopNest&) const = default;
};

/// Steps of the nest, iter_outer · iter_inner · micro-ops; none if the range is empty.
std::int64_t steps(const LoopNest& nest);

/// ACC[d] += INP[s] · WGT[w]ᵀ, or ACC[d] = 0 where `reset`.
struct Gemm {
  bool reset = false;
  LoopNest loops;
  Factors destination;
  Factors source;
  Factors weight;
  bool operator==(const Gemm&) const = default;
};

/// With their numbers in the encoding; 5 to 7 exist nowhere.
enum class AluOp : std::uint8_t {
  minimum = 0,
  maximum = 1,
  add = 2,
  shift_right = 3,
  multiply = 4
};
/// "min", "max", "add", "shr", "mul".
std::string to_string(AluOp op);

/// ACC[d] = op(ACC[d], immediate) or op(ACC[d], ACC[s]), lane by lane. A shift by a negative amount
/// goes to the left.
struct Alu {
  AluOp op = AluOp::minimum;
  bool use_immediate = false;
  std::int64_t immediate = 0;
  bool reset = false;  ///< exists in the encoding, means nothing
  LoopNest loops;
  Factors destination;
  Factors source;
  bool operator==(const Alu&) const = default;
};

/// Ends the program.
struct Finish {
  bool operator==(const Finish&) const = default;
};

struct Instruction {
  Tokens tokens;
  std::variant<Load, Store, Gemm, Alu, Finish> operation;
  bool operator==(const Instruction&) const = default;
};

/// GEMM steps of a program, resets not counted.
std::int64_t gemm_steps(std::span<const Instruction> program);

/// The queue the instruction goes to.
Unit unit_of(const Instruction& instruction);

/// Indices of one step: ACC, then INP (GEMM) or ACC (ALU), then WGT.
struct MicroOp {
  std::int64_t destination = 0;
  std::int64_t source = 0;
  std::int64_t weight = 0;
  bool operator==(const MicroOp&) const = default;
};

/// Why the instruction itself is wrong, whatever the program: numbers that do not fit their fields
/// or exceed a scratchpad's depth, empty loops, flags its unit does not have, stores other than
/// from OUT. Micro-op contents are not known here.
std::vector<std::string> violations(const Config& config, const Instruction& instruction);

}  // namespace tileloom::target::vta
