#pragma once
// Sets and constants of CoSA's program, read off an operator and a machine.

#include <cstdint>
#include <string>
#include <vector>

#include "tileloom/mapper/mapspace.hpp"

namespace tileloom::mapper::cosa {

/// The copies (j, n) of one prime of one rank. Ranks of extent 1 have none.
struct PrimePower {
  std::size_t rank = 0;     ///< j
  std::int64_t prime = 2;   ///< p
  std::int64_t copies = 1;  ///< n = 1 … copies
  double log = 1;           ///< log2 p
};

/// Where a level lies seen from the one whose loops are permuted.
enum class Zone : std::uint8_t {
  inside,    ///< i below the permuted level: tiles and spatial factors only matter by their size
  permuted,  ///< the outermost on-chip memory ("global buffer")
  outside    ///< beyond it ("DRAM")
};

/// One (i, k): a slot of the map space in which prime factors may stand.
struct Place {
  std::size_t slot = 0;  ///< of MapSpace::slots
  std::string name;      ///< "GlobalBuffer" (temporal) or "GlobalBuffer/pe" (spatial)
  bool spatial = false;  ///< k = 0
  int level = 0;         ///< i, 0 = innermost memory
  Zone zone = Zone::inside;
  double room = 0;  ///< spatial: log2 S, S the size of the axis
};

/// One (i, v) with B(v, i) = 1 that has a capacity: operand v in the memory of level i.
struct Buffer {
  MemoryId memory{};
  std::size_t operand = 0;  ///< v, index into operands(op)
  std::string name;         ///< "GlobalBuffer,I"
  int level = 0;            ///< i
  Zone zone = Zone::inside;
  double room = 0;      ///< log2 M(i, v), M = entries · share
  double partials = 0;  ///< log2 of how much wider partial sums are than what `room` counts
  bool weight_buffer = false;     ///< the outermost buffer of weights inside the permuted level
  bool window_buffer = false;     ///< the outermost buffer of this operand inside it (C5)
  std::vector<bool> holds_place;  ///< Z: factors at the place enlarge the tile here, by place
  std::vector<bool> child_holds;  ///< the same of the operand's next memory further in
};

/// What a rank is to an operand.
enum class Kinship : std::uint8_t {
  none,
  plain,  ///< A(j, v) = 1
  window  ///< slides over an axis of an input whose positions are another rank's (R, S)
};

/// A rank's share in an operand.
struct Kin {
  Kinship kinship = Kinship::none;
  double stride_log = 0;               ///< plain: log2 of the coefficient
  std::vector<std::size_t> positions;  ///< window: the ranks whose positions it slides over (P, Q)
};

/// A set of ranks at the innermost loops of the permuted level. saved[j] is the number of operands
/// that are not fetched again for the loops over rank j.
struct OrderClass {
  std::string name;  ///< the operands that stay put, the longest first: "W", "I>O"
  std::vector<int> saved;
  bool operator==(const OrderClass&) const = default;
};

struct Shape {
  std::vector<std::uint32_t> keeps;  ///< B: every memory that may hold a tensor keeps it
  std::vector<PrimePower> powers;
  std::vector<Place> places;
  std::vector<Buffer> buffers;
  std::vector<std::string> operand_names;
  std::vector<bool> is_weight;         ///< by operand
  std::vector<std::vector<Kin>> kin;   ///< [operand][rank]
  std::vector<OrderClass> classes;     ///< the dominating ones
  std::size_t permuted = 0;            ///< index into `places`: temporal loops of that level
  std::string inexpressible;           ///< why the method has no answer here; empty if it has
};

Shape shape_of(const MapSpace& space);

/// Whether factors at place x stand inside (below) the Stores of a memory.
bool encloses(const MapSpace& space, MemoryId memory, const Slot& slot);

}  // namespace tileloom::mapper::cosa
