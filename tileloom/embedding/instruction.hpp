#pragma once
// A tensor instruction is an Einsum too: result[…] += data[…] · weights[…] over a few lane
// dimensions of fixed extents. It is data: a GEMM core of any shape, a four-element dot product or
// a matrix unit are files (archs/instructions), not code.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tileloom/support/diagnostic.hpp"
#include "tileloom/support/id.hpp"

namespace tileloom {

enum class LaneDimId : std::uint8_t {};  ///< index into Instruction::dims

/// One dimension of the instruction's box of scalar multiply-accumulates, 0 ≤ lane < extent.
struct LaneDim {
  std::string name;  ///< "x", "y", "z"
  std::int64_t extent = 1;
  bool operator==(const LaneDim&) const = default;
};

/// How the elements of a tensor may lie in the lanes of an operand. Each admits those before it.
enum class Layout : std::uint8_t {
  dense,      ///< every element has one lane; neighbouring lanes hold neighbouring elements
  strided,    ///< every element has one lane; lanes may step over elements
  replicated  ///< an element may stand in several lanes: im2col for an input, partial sums that
              ///< are added when a result is unpacked
};
std::string to_string(Layout layout);

/// What one operand reads or writes: a block of Π extent(dims) elements, row-major in the order of
/// `dims`, lane 0 at the lowest address.
struct InstructionOperand {
  std::string name;              ///< "data", "weights", "result"
  std::string memory;            ///< of the target, as its architecture names it
  std::vector<LaneDimId> dims;   ///< the index map: data[x, z] is {x, z}
  std::int64_t bits = 8;         ///< of one lane
  std::int64_t stored_bits = 8;  ///< of one element in the outer memory (a result is narrowed)
  bool is_signed = true;
  Layout layout = Layout::replicated;  ///< the most that is allowed
  /// Constants (Role::weight) are packed before the run and cost nothing there.
  bool free_packing = true;
  bool operator==(const InstructionOperand&) const = default;
};

/// result[dims] += data[dims] · weights[dims], summed over the dimensions `result` does not have.
struct Instruction {
  std::string name;
  std::string source;  ///< where the figures come from
  std::vector<LaneDim> dims;
  InstructionOperand data;
  InstructionOperand weights;
  InstructionOperand result;
  std::int64_t bytes_per_step = 8;  ///< moved to or from the outer memory in the time of one step
  bool operator==(const Instruction&) const = default;

  const LaneDim& dim(LaneDimId id) const { return dims[index(id)]; }
};

/// True if the operand's index map has the dimension.
bool has_dim(const InstructionOperand& operand, LaneDimId dim);

/// Elements of one block of the operand, Π extent(dims).
std::int64_t block_elements(const Instruction& instruction, const InstructionOperand& operand);

/// Multiply-accumulates of one step, Π extent.
std::int64_t lanes(const Instruction& instruction);

/// result[x, y] += data[x, z] · weights[y, z] with 8-bit inputs and a 32-bit result: VTA's GEMM
/// core, (BATCH, BLOCK_OUT, BLOCK_IN).
Instruction gemm_instruction(std::int64_t x, std::int64_t y, std::int64_t z);

/// Every mistake: extents and widths positive, names distinct, every index known and once, every
/// dimension used by the result or summed by both inputs' product, at most 4 096 lanes.
Diagnostics check(const Instruction& instruction, const Where& where = {});

}  // namespace tileloom
