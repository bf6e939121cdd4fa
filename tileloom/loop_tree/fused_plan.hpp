#pragma once
// Which part of every operator a fused stack computes in which iteration of its loops, derived from
// the tiles of its last operator. docs/cost_model.md 9.2.

#include <cstdint>
#include <vector>

#include "tileloom/loop_tree/fused_stack.hpp"
#include "tileloom/loop_tree/region.hpp"

namespace tileloom {

/// The part of an operator's iteration space that one run computes: an interval per rank.
using RankBox = std::vector<Interval>;

struct FusedPlan {
  std::vector<StackTensor> tensors;
  std::size_t iterations = 0;
  /// The outermost loop that goes on at the beginning of an iteration; 0 for the first.
  std::vector<std::size_t> moved;
  std::vector<std::vector<std::vector<RankBox>>> runs;  ///< [child][iteration]
  std::vector<std::vector<Box>> need;                   ///< [tensor][iteration]
  /// [node of the path][iteration]: the box of a Store, over all inner iterations; else empty.
  std::vector<std::vector<Box>> boxes;
};

/// The plan of a stack whose structure is legal.
FusedPlan plan(const Workload& workload, const FusedStack& stack);

/// True if a buffer below `depth` loops moves on at the beginning of iteration t.
inline bool moves(const FusedPlan& plan, std::size_t t, std::size_t depth) {
  return t > 0 && plan.moved[t] < depth;
}

/// The part of the box before iteration t that stays in a buffer of that Store.
Box kept(const FusedStack& stack, const FusedPlan& plan, std::size_t node, std::size_t t);

/// What a run reads of an operand: the box of its view, cut to the tensor.
Box operand_box(const Operand& operand, const RankBox& run);

/// The largest length every rank has in any run of the child; 0 without runs.
std::vector<std::int64_t> largest_run(const FusedPlan& plan, std::size_t child);

}  // namespace tileloom
