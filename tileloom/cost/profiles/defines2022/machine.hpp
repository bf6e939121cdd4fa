#pragma once
// An accelerator as the 2022 ZigZag model inside DeFiNES sees it: a flat list of memories, each
// serving some of three operands at a level of that operand's hierarchy.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tileloom/support/id.hpp"
#include "tileloom/support/quantity.hpp"

namespace tileloom::cost::defines2022 {

/// What a memory holds for a layer: activations in (I1), weights (I2), outputs (O).
enum class MemoryOperand : std::uint8_t { I1, I2, O };
inline constexpr std::array<MemoryOperand, 3> kMemoryOperands{MemoryOperand::I1, MemoryOperand::I2,
                                                              MemoryOperand::O};
std::string_view name(MemoryOperand operand);

/// One value for each of the three operands.
template <class T>
struct PerOperand {
  std::array<T, 3> items{};
  T& operator[](MemoryOperand operand) { return items[static_cast<std::size_t>(operand)]; }
  const T& operator[](MemoryOperand operand) const {
    return items[static_cast<std::size_t>(operand)];
  }
  bool operator==(const PerOperand&) const = default;
};

/// A direction of traffic at a memory, seen from that memory. Low is the side of the MACs.
enum class Link : std::uint8_t { to_low, from_high, from_low, to_high };
inline constexpr std::size_t kLinks = 4;
std::string_view name(Link link);

/// The traffic a port carries: that of `operand` at its level `level` over `link`.
struct Served {
  MemoryOperand operand{};
  int level = 0;
  Link link{};
  bool operator==(const Served&) const = default;
};

struct Port {
  std::string name;
  std::vector<Served> serves;
  bool operator==(const Port&) const = default;
};

/// A dimension of the array of processing elements (PEs).
struct PeDim {
  std::string name;
  std::int64_t size = 1;
  bool operator==(const PeDim&) const = default;
};

struct Memory {
  std::string name;
  std::vector<MemoryOperand> operands;   ///< in the order of the declaration
  PerOperand<std::optional<int>> level;  ///< 0 = innermost; absent: the operand is not held here
  Bits size;                             ///< of one instance
  Bits read_width, write_width;          ///< per cycle; also the word of the energies
  Picojoules read_energy, write_energy;  ///< per word of full width
  Bits least_read, least_write;          ///< an access moves a multiple of this
  std::vector<Port> ports;
  Cycles latency;
  std::int64_t instances = 1;
  std::vector<std::string> served_dims;  ///< PE dimensions that share one instance
  bool operator==(const Memory&) const = default;

  bool serves(MemoryOperand operand) const { return level[operand].has_value(); }
};

enum class MemoryIndex : std::uint8_t {};  ///< index into Machine::memories

struct Machine {
  std::string name;
  Picojoules mac_energy;
  std::vector<PeDim> pe_dims;
  PerId<MemoryIndex, Memory> memories;  ///< in the order of the declaration, which matters
  bool operator==(const Machine&) const = default;
};

/// The most levels of an operand's hierarchy.
inline constexpr int kMostLevels = 16;

/// The number of levels of `operand`'s hierarchy (0 if no memory holds it).
int levels(const Machine& machine, MemoryOperand operand);
/// The memory at `level` of `operand`; 0 ≤ level < levels(machine, operand).
MemoryIndex memory_at(const Machine& machine, MemoryOperand operand, int level);
/// The memory at the highest level of `operand`.
MemoryIndex top_memory(const Machine& machine, MemoryOperand operand);
/// The number of PEs: the product of the sizes of all PE dimensions.
std::int64_t pe_count(const Machine& machine);
/// The machine without what lies above level `top` of each operand; a memory that then serves no
/// operand is left out. A top at or above the highest level takes nothing away.
Machine cut(const Machine& machine, const PerOperand<int>& top);
/// The machine for an element-wise addition, whose second operand is an activation too: I2 leaves
/// its memories (one that served only I2 disappears) and becomes a twin of I1, with I1's levels
/// and links. Source: exact_model.md of the DeFiNES reference, section 7.
Machine with_twin_input(const Machine& machine);

}  // namespace tileloom::cost::defines2022
