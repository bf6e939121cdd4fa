#pragma once
// An embedded operator seen from the GEMM core: loops around steps that multiply blocks.

#include <array>
#include <cstdint>
#include <vector>

#include "tileloom/embedding/packing.hpp"
#include "tileloom/target/vta/isa/config.hpp"

namespace tileloom::target::vta {

struct Nest {
  std::vector<std::int64_t> trips;  ///< per loop
  std::vector<bool> reduction;      ///< per loop: the result does not have it
  std::array<PackedOperand, kParts> operands;  ///< by Part: INP, WGT and OUT blocks
  bool zeros_stored = true;  ///< false: the data in DRAM has no padding, loads must make it
  bool operator==(const Nest&) const = default;

  const PackedOperand& operand(Part part) const { return operands[static_cast<std::size_t>(part)]; }
  std::size_t loops() const { return trips.size(); }
};

/// Requires `instruction` to be gemm_instruction(BATCH, BLOCK_OUT, BLOCK_IN).
Nest nest_of(const Operator& op, const tileloom::Instruction& instruction,
             const Embedding& embedding);

/// GEMM steps, Π trips.
std::int64_t steps(const Nest& nest);

/// Scratchpad that holds the operand: INP, WGT, ACC.
Memory scratchpad(Part part);
/// Memory whose elements the operand has in DRAM: INP, WGT, OUT.
Memory dram_memory(Part part);

/// The trips [low, low + size) of every loop.
struct Tile {
  std::vector<std::int64_t> low;
  std::vector<std::int64_t> size;
};

/// The blocks of one operand that a tile touches, per packed axis.
struct Box {
  std::vector<std::int64_t> low;
  std::vector<std::int64_t> size;
  bool operator==(const Box&) const = default;
};
Box box_of(const PackedOperand& operand, const Tile& tile);

/// Π size.
std::int64_t blocks(const Box& box);

/// Entries per trip of each loop where a box of this size lies row-major and dense in a scratchpad.
std::vector<std::int64_t> strides_in(const PackedOperand& operand, const Box& box,
                                     std::size_t loops);

}  // namespace tileloom::target::vta
