#pragma once
// Bits of instructions and micro-ops.

#include <array>
#include <cstdint>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "tileloom/target/vta/isa/isa.hpp"

namespace tileloom::target::vta {

/// Widths of the fields that depend on the configuration: index bits of each memory.
struct FieldWidths {
  int micro_op = 13;     ///< U; the end of a range of micro-ops has U + 1 bits
  int accumulator = 11;  ///< A
  int input = 11;        ///< I
  int weight = 10;       ///< W
};
FieldWidths field_widths(const Config& config);

/// Two little-endian 64-bit words.
struct Word128 {
  std::uint64_t low = 0;
  std::uint64_t high = 0;
  bool operator==(const Word128&) const = default;
};

inline constexpr std::int64_t kInstructionBytes = 16;

/// Requires violations() to be empty of numbers that do not fit.
Word128 encode(const Config& config, const Instruction& instruction);
std::uint32_t encode(const Config& config, const MicroOp& micro_op);

/// The instruction, or why these bits are none: an unknown opcode, memory or ALU operation, or fill
/// bits that are not 0.
tl::expected<Instruction, std::string> decode(const Config& config, const Word128& word);
MicroOp decode_micro_op(const Config& config, std::uint32_t word);

/// The bytes of a program, 16 per instruction, and back (`bytes` holds whole instructions).
std::string to_bytes(const std::vector<Word128>& words);
std::vector<Word128> words_of(const std::string& bytes);

}  // namespace tileloom::target::vta
