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

/// Elements that cross between one buffer and the next outer one, over the whole run.
struct BufferFlow {
  std::int64_t fills = 0;   ///< copied in from the outer buffer
  std::int64_t drains = 0;  ///< copied out to it
};

/// Live elements of one buffer while one child runs in one iteration.
struct Live {
  std::int64_t old = 0;    ///< complete
  std::int64_t fresh = 0;  ///< being computed by this child
};

/// What happens to an internal tensor in its buffers.
struct TensorFlow {
  std::vector<BufferFlow> buffers;  ///< per Store of the tensor, outermost first
  /// [Store][iteration · children + child]
  std::vector<std::vector<Live>> live;
};

struct FusedPlan {
  std::vector<StackTensor> tensors;
  std::size_t iterations = 0;
  /// The outermost loop that goes on at the beginning of an iteration; 0 for the first.
  std::vector<std::size_t> moved;
  std::vector<std::vector<std::vector<RankBox>>> runs;  ///< [child][iteration]
  std::vector<std::vector<Box>> need;                   ///< [tensor][iteration]
  /// [node of the path][iteration]: the box of a Store, over all inner iterations; else empty.
  std::vector<std::vector<Box>> boxes;
  std::vector<TensorFlow> flows;  ///< [tensor], of internal ones; empty before `follow`
};

/// The plan of a stack whose structure is legal.
FusedPlan plan(const Workload& workload, const FusedStack& stack);

/// The plan of the first trips of its `loops` outermost loops alone: as if there were no other.
FusedPlan first_plan(const Workload& workload, const FusedStack& stack, std::size_t loops);

/// True if a buffer below `depth` loops moves on at the beginning of iteration t.
inline bool moves(const FusedPlan& plan, std::size_t t, std::size_t depth) {
  return t > 0 && plan.moved[t] < depth;
}

/// The part of the box before iteration t that stays in a buffer of that Store.
Box kept(const FusedStack& stack, const FusedPlan& plan, std::size_t node, std::size_t t);

/// (F2) Elements that enter the buffer of that Store: its first box, then every box without what is
/// kept.
std::int64_t entries(const FusedStack& stack, const FusedPlan& plan, std::size_t node);

/// What a run reads of an operand: the box of its view, cut to the tensor.
Box operand_box(const Operand& operand, const RankBox& run);

/// The largest length every rank has in any run of the child; 0 without runs.
std::vector<std::int64_t> largest_run(const FusedPlan& plan, std::size_t child);

}  // namespace tileloom
