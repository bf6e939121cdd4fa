#pragma once
// One operator on one architecture, with everything worked out that no mapping changes.

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "tileloom/arch/architecture.hpp"
#include "tileloom/cost/axis_memo.hpp"
#include "tileloom/workload/operator.hpp"

namespace tileloom::cost {

/// A set of the architecture's axes, as bits: arch/check allows at most 64.
using AxisSet = std::uint64_t;
inline AxisSet axis_bit(AxisId axis) { return AxisSet{1} << index(axis); }

/// What a rank is to an operand. The boxes of an axis that has one rank of more than one index and
/// is never cut by padding are equal or disjoint as long as tiles divide: their length is
/// `coefficient · (tile − 1) + 1`. Every other axis has a *table*: sums of its AxisMemo.
struct RankRole {
  double coefficient = 0;  ///< 0 if the operand does not have the rank
  double relevance = 0;    ///< 1 if the operand has the rank, else 0
  std::uint16_t axis = 0;
  std::uint16_t chain = 0;
  std::int16_t table = -1;  ///< of the axis, into the operand's tables; -1: none
};

struct PreparedAxis {
  AxisMemo* memo = nullptr;  ///< shared by equal axes
  double length = 1;         ///< of the whole axis; 1 if it has a table
  std::int16_t table = -1;
};

struct PreparedOperand {
  TensorId tensor{};
  Role role = Role::input;
  double bits = 0;
  double partial_bits = 0;
  double home_tile = 1;            ///< elements of the box above all loops
  std::vector<PreparedAxis> axes;  ///< those of the operand, then one idle-only axis per other rank
  std::size_t own_axes = 0;        ///< the first of `axes`, those of the operand
  std::vector<RankRole> ranks;
  std::vector<std::uint16_t> tables;  ///< axes that always have one
};

struct PreparedOperator {
  std::vector<double> extents;            ///< by rank
  std::vector<PreparedOperand> operands;  ///< the output last
  std::vector<std::unique_ptr<AxisMemo>> memos;
};

struct PreparedMemory {
  double read_per_bit = 0;  ///< pJ
  double write_per_bit = 0;
  double read = 0, write = 0, shared = 0;  ///< bits per cycle; infinite if unlimited
  double capacity = 0;                     ///< bits; infinite if absent
  double copies = 1;
  AxisSet replicated = 0;
  std::vector<double> hop;  ///< pJ per bit, by inner memory; last entry: the lanes
};

PreparedOperator prepare(const Operator& op);
PreparedMemory prepare(const Architecture& arch, MemoryId memory);

}  // namespace tileloom::cost
