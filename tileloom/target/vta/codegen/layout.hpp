#pragma once
// Packed operands in DRAM, and the loads and stores that move boxes of them.

#include <cstdint>
#include <vector>

#include "tileloom/target/vta/codegen/nest.hpp"
#include "tileloom/target/vta/isa/isa.hpp"

namespace tileloom::target::vta {

/// Zeros that a load can add on a side.
inline constexpr std::int64_t kMostPadding = 15;

/// One axis of an operand in DRAM: blocks [first, first + extent) of the packed axis are stored;
/// those outside are zero and made by the padding of loads.
struct StoredAxis {
  std::int64_t first = 0;
  std::int64_t extent = 1;
  std::int64_t stride = 1;  ///< in blocks
  bool operator==(const StoredAxis&) const = default;
};

struct StoredOperand {
  std::vector<StoredAxis> axes;
  std::int64_t blocks = 1;  ///< Π extent
  bool operator==(const StoredOperand&) const = default;
};

/// The operand with blocks row-major. Zeros are left out on the axes of `padded` (indices into
/// operand.axes; at most the two innermost that have more than one block, the two that a load can
/// pad).
StoredOperand store_operand(const PackedOperand& operand, const std::vector<std::size_t>& padded);

/// Trips of the first and of the last tile of a loop.
struct LoopEnds {
  std::int64_t first = 1;
  std::int64_t last = 1;
};

/// The axes whose zeros a load can make for every tile: among the two innermost of more than one
/// block, those where no box has more than 15 zeros on a side or nothing else.
/// @param ends  by loop
std::vector<std::size_t> paddable_axes(const PackedOperand& operand,
                                       const std::vector<LoopEnds>& ends);

/// Place of a block (a coordinate per packed axis) in DRAM, or -1 if it is not stored.
std::int64_t stored_index(const StoredOperand& stored, const std::vector<std::int64_t>& coordinate);

/// Instructions that move `box` between DRAM (from element `dram_base` on) and the scratchpad (from
/// `sram_base` on, row-major and dense); zeros are padded. One per row or plane.
std::vector<Load> loads_of(const PackedOperand& operand, const StoredOperand& stored,
                           const Box& box, std::int64_t dram_base, std::int64_t sram_base);

/// The same as stores; results have no zeros.
std::vector<Store> stores_of(const PackedOperand& operand, const StoredOperand& stored,
                             const Box& box, std::int64_t dram_base, std::int64_t sram_base);

/// Loads that loads_of makes for a box of this size in the inside of the operand, without making
/// them, and the rows of each: what an estimate needs.
struct MoveShape {
  std::int64_t moves = 1;
  std::int64_t rows = 1;        ///< of each move
  std::int64_t row_blocks = 1;  ///< of each row
};
MoveShape move_shape(const StoredOperand& stored,
                     const std::vector<std::int64_t>& size);

}  // namespace tileloom::target::vta
