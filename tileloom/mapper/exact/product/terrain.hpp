#pragma once
// What the product search knows of one operator on one architecture before it chooses anything:
// which ranks are coupled, what each rank is to each operand, and the figures of every memory.
// docs/exact_mapper.md, section 2.

#include <algorithm>
#include <cstdint>
#include <optional>
#include <vector>

#include "tileloom/mapper/mapspace.hpp"

namespace tileloom::mapper::product {

/// An axis of an operand whose boxes are not simply the tile of one rank: several ranks (sliding
/// windows), a coefficient (stride) or padding. Ranks of extent 1 are left out.
struct GeneralAxis {
  std::size_t operand = 0;
  std::int64_t offset = 0;
  std::int64_t extent = 1;
  std::vector<std::size_t> ranks;
  std::vector<std::int64_t> coefficients;
  bool cut = false;   ///< padding: some indices lie outside the tensor
  /// By rank: some values of the others leave all its indices inside the tensor.
  std::vector<bool> clear;
  double used = 1;    ///< distinct indices inside the tensor that some point uses
  double uses = 1;    ///< combinations of the ranks' values whose index lies inside
};

/// What a rank is to an operand.
enum class Relevance : std::uint8_t {
  none,
  simple,  ///< alone on an axis, coefficient 1, no padding: boxes are tiles, equal or disjoint
  general  ///< on a GeneralAxis
};

/// An operand (the output last) with everything that no mapping changes.
struct OperandFacts {
  Role role = Role::input;
  double bits = 0;
  double partial_bits = 0;
  double constant = 1;  ///< Π over axes without moving ranks (0 or 1)
  std::vector<Relevance> relevance;    ///< by rank
  std::vector<std::size_t> axes;       ///< indices into Terrain::axes

  /// Bits that a Store keeps per element, at least: partial sums, or whichever is narrower.
  double least_width(bool partial) const {
    return partial ? partial_bits : std::min(bits, partial_bits);
  }
};

struct MemoryFacts {
  double read_per_bit = 0;
  double write_per_bit = 0;
  std::optional<double> read, write, shared;  ///< bits per cycle of one instance
  double capacity = 0;                        ///< bits over copies (double buffering); infinite if absent
  std::uint64_t own = 0;                      ///< bit a: replicated along open axis a
  double most_instances = 1;                  ///< Π sizes of these axes
  std::size_t segment = 0;                    ///< number of open axes outside it
  std::vector<double> hop;                    ///< per bit, by inner memory; last: to the lanes
};

/// An axis of the architecture inside all homes, the only ones that may carry spatial loops.
struct OpenAxis {
  AxisId id{};
  std::int64_t size = 1;
  bool multicast = true;
  bool reduce = true;
};

/// Ranks that some operand couples (p + r); no operand couples ranks of different groups, so every
/// count is a product over groups.
struct Group {
  std::vector<std::size_t> ranks;
  std::vector<std::size_t> axes;  ///< GeneralAxis over these ranks

  /// Which of the group's ranks a rank is.
  std::size_t place_of(std::size_t rank) const {
    return static_cast<std::size_t>(std::ranges::find(ranks, rank) - ranks.begin());
  }
};

struct Terrain {
  const MapSpace* space = nullptr;
  std::vector<OperandFacts> operands;
  std::vector<GeneralAxis> axes;
  std::vector<MemoryFacts> memories;
  std::vector<OpenAxis> open;
  std::vector<Group> groups;
  std::vector<std::int64_t> extents;   ///< by rank
  std::vector<std::size_t> group_of;   ///< by rank; ranks of extent 1 have none (SIZE_MAX)
  double points = 1;
  double compute_energy = 0;
  double cycles_per_operation = 1;
};

/// Nothing if the product search does not cover the problem: rules on loops, tiles or orders, or an
/// operator whose counts are not such products (a tensor used twice, an output with a general axis).
std::optional<Terrain> survey(const MapSpace& space);

}  // namespace tileloom::mapper::product
