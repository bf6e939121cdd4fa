#pragma once
// One operator on one architecture, with everything worked out that no mapping changes.

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "tileloom/arch/architecture.hpp"
#include "tileloom/cost/axis_memo.hpp"
#include "tileloom/workload/operator.hpp"

namespace tileloom::cost {

/// What one operand's axis needs at evaluation time.
struct PreparedAxis {
  bool short_formula = false;  ///< one rank, never cut by padding: boxes are equal or disjoint
  double coefficient = 0;      ///< of that rank
  RankId rank{};
  double extent = 1;                              ///< of that rank
  std::array<std::unique_ptr<AxisMemo>, 2> memo;  ///< by Keep, for everything else
};

/// What a rank is to an operand.
struct RankRole {
  bool relevant = false;
  bool short_formula = false;  ///< of its axis
  std::uint16_t axis = 0;
  std::uint16_t chain = 0;
};

/// A set of the architecture's axes, as bits: arch/check allows at most 64.
using AxisSet = std::uint64_t;
inline AxisSet axis_bit(AxisId axis) { return AxisSet{1} << index(axis); }

struct PreparedOperand {
  TensorId tensor{};
  Role role = Role::input;
  double bits = 0;
  double partial_bits = 0;
  std::vector<PreparedAxis> axes;  ///< those of the operand, then one idle-only axis per other rank
  std::vector<RankRole> ranks;
  std::vector<double> extents;        ///< by rank
  std::size_t own_axes = 0;           ///< the first of `axes`, those of the operand
  std::vector<int> table_of;          ///< by axis: its place in `tables`, or -1
  std::vector<std::uint16_t> tables;  ///< axes without the short formula
};

struct PreparedMemory {
  double read_per_bit = 0;
  double write_per_bit = 0;
  std::optional<double> read, write, shared;
  double capacity = 0;  ///< bits; infinite if absent
  double copies = 1;
  AxisSet replicated = 0;
  std::vector<double> hop;  ///< by inner memory; last entry: the lanes
};

PreparedMemory prepare(const Architecture& arch, MemoryId memory);
PreparedOperand prepare(const Operator& op, const Operand& operand);

}  // namespace tileloom::cost
