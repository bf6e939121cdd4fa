#pragma once
// A layer tile on a machine in plain numbers, made once and read by every evaluation.

#include <array>
#include <cstdint>
#include <vector>

#include "tileloom/cost/profiles/defines2022/mapping.hpp"

namespace tileloom::cost::defines2022 {

/// What a loop does to an operand: selects its elements, selects none of them, takes part in a
/// window, or is no loop at all (its size in the file is 1).
enum class Relevance : std::uint8_t { relevant, irrelevant, window, none };

/// `bound` iterations in `steps` temporal steps: bound/steps side by side, which may be a fraction.
struct SpatialLoop {
  Dim dim{};
  std::int64_t bound = 1, steps = 1;
  double fraction() const { return static_cast<double>(bound) / static_cast<double>(steps); }
  std::int64_t rounded_up() const { return (bound + steps - 1) / steps; }
};

/// A memory as one level of one operand. Widths in bits per cycle, energies in pJ per word.
struct Rung {
  std::size_t memory = 0;  ///< index into the machine's memories
  double read_width = 0, write_width = 0;
  double least_read = 0, least_write = 0;
  double read_energy = 0, write_energy = 0;
  std::int64_t size = 0;           ///< bits of an instance
  std::int64_t latency = 0;        ///< cycles
  std::array<int, kLinks> port{};  ///< index among all ports of the machine, by Link
  std::int64_t sharers = 1;        ///< operand levels that live in this memory
};

/// A memory and the operand levels that live in it.
struct PreparedMemory {
  struct Tenant {
    std::size_t operand = 0;  ///< index into Prepared::operands
    int level = 0;
  };
  std::int64_t size = 0;        ///< bits of an instance
  std::vector<Tenant> tenants;  ///< in the order of the declaration
};

struct PreparedOperand {
  MemoryOperand memory{};
  bool is_output = false;
  std::int64_t bits = 8;        ///< of an element; of the output: while it is partial
  std::int64_t final_bits = 8;  ///< of a complete output element
  std::array<Relevance, kDims> relevance{};
  std::vector<Relation> windows;                  ///< the relations that belong to the operand
  std::vector<Rung> rungs;                        ///< innermost first
  std::vector<std::vector<SpatialLoop>> spatial;  ///< [a]: below memory a; the last above all

  int levels() const { return static_cast<int>(rungs.size()); }
};

struct Prepared {
  std::vector<PreparedOperand> operands;  ///< output first, then the inputs as in the equation
  Sizes tile;                             ///< loop bounds
  Sizes temporal;                         ///< steps of each loop: ceil(bound / unrolled)
  std::vector<Dim> loops;                 ///< in the order of the file
  std::int64_t macs = 1;
  std::int64_t pes = 1;
  double mac_energy = 0;                 ///< pJ per MAC
  std::vector<PreparedMemory> memories;  ///< in the order of the declaration
  std::size_t ports = 0;
  std::vector<int> inputs_on_port;  ///< how many input operands a port serves
};

/// @param machine  the hierarchies that are left, for an addition with its twin input
/// @param tile     loop bounds of the tile
Prepared prepare(const Machine& machine, const Layer& layer, const SpatialMapping& unrolling,
                 const Sizes& tile);

}  // namespace tileloom::cost::defines2022
