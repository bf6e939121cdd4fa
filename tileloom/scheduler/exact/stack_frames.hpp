#pragma once
// What a range of operators is as a stack, whatever it costs: its tensors and their homes, the loops
// and Stores of a tiling, and whether these are legal.

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "tileloom/loop_tree/fused_plan.hpp"
#include "tileloom/scheduler/exact/run_mapping.hpp"
#include "tileloom/scheduler/exact/tiling.hpp"

namespace tileloom::scheduler::exact {

/// Which tensors of a stack move with which rank of its last operator: [rank][tensor].
using Movement = std::vector<std::vector<bool>>;

class StackFrames {
 public:
  StackFrames(const NetworkProblem& problem, const StackMemories& memories)
      : problem_(problem), memories_(memories) {}

  const NetworkProblem& problem() const { return problem_; }
  const StackMemories& memories() const { return memories_; }

  const std::vector<StackTensor>& tensors(const Range& range) const { return known(range).all; }
  /// The tensors of the range that have their home outside it.
  const std::vector<TensorId>& homes(const Range& range) const { return known(range).homes; }
  /// The tensors of the range that may be streamed, the largest first: `Tiling::streamed` counts
  /// them so.
  const std::vector<TensorId>& weights(const Range& range) const { return known(range).weights; }
  bool is_weight(const Range& range, TensorId tensor) const;
  /// Whether one memory holds tiles and weights, so that what is kept displaces weights.
  bool weights_beside() const { return memories_.weights == memories_.activations; }

  /// Absent if the range is no legal stack. Remembered.
  std::shared_ptr<const Movement> movement(const Range& range) const;
  /// The ranks of the last operator that move an intermediate tensor.
  std::vector<RankId> tiled_ranks(const Range& range) const;

  /// The operators alone.
  FusedStack bare(const Range& range) const;
  /// The loops and the Stores of the stack's path; the children have only the weights they stream.
  LoopTree frame(const Range& range, const Tiling& tiling) const;
  /// The stack with its homes in front.
  FusedStack stack(const Range& range, const LoopTree& tree, std::uint32_t inside = 0) const;

  /// The homes of the tensors of `homes`.
  std::vector<Store> home_stores(const Range& range, std::uint32_t inside) const;
  /// Every way to have homes of activations in the memory of activations that holds them whole, but
  /// for the one in which none lies there; none if there are more than four.
  std::vector<std::uint32_t> ways_inside(const Range& range) const;
  /// Bits that the homes `inside` take, for the whole life of the stack.
  std::int64_t bits_inside(const Range& range, std::uint32_t inside) const;

  bool is_legal(const Range& range, const LoopTree& tree, std::uint32_t inside) const;
  /// Whether the structure of a tiling is legal, whatever the sizes of its tiles.
  bool is_legal(const Range& range, const Tiling& tiling) const;
  /// Whether all is computed that is needed after the stack.
  bool is_complete(const FusedPlan& planned) const;

  /// Ranges with equal text have equal tilings at equal cost.
  std::string text(const Range& range) const;

 private:
  /// The tensors of a range, and which of them are weights that may be streamed, the largest first,
  /// and which have their home outside it.
  struct RangeTensors {
    std::vector<StackTensor> all;
    std::vector<TensorId> weights;
    std::vector<TensorId> homes;
  };
  /// Remembered.
  const RangeTensors& known(const Range& range) const;
  RangeTensors find_tensors(const Range& range) const;
  std::shared_ptr<const Movement> find_movement(const Range& range) const;
  /// The operators of the range below nothing.
  LoopTree sequence_of(const Range& range) const;
  std::size_t depth_of(const Range& range, const Tiling& tiling, std::size_t place,
                       const StackTensor& tensor) const;

  const NetworkProblem& problem_;
  StackMemories memories_;
  mutable std::mutex mutex_;
  mutable std::map<std::pair<std::size_t, std::size_t>, std::shared_ptr<const Movement>> movements_;
  mutable std::map<std::pair<std::size_t, std::size_t>, RangeTensors> tensors_;
};

}  // namespace tileloom::scheduler::exact
