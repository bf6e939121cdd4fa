// The loops and Stores above the operators of a stack.

#include <algorithm>

#include "tileloom/scheduler/exact/stack_frames.hpp"
#include "tileloom/support/checked.hpp"

namespace tileloom::scheduler::exact {

std::shared_ptr<const Movement> StackFrames::movement(const Range& range) const {
  const std::pair<std::size_t, std::size_t> ends{range.first, range.last};
  {
    const std::lock_guard lock(mutex_);
    if (const auto known = movements_.find(ends); known != movements_.end()) return known->second;
  }
  std::shared_ptr<const Movement> found = find_movement(range);
  const std::lock_guard lock(mutex_);
  return movements_.emplace(ends, std::move(found)).first->second;
}

/// Two tiles of one rank, nothing kept: what they need of a tensor is the same or not.
std::shared_ptr<const Movement> StackFrames::find_movement(const Range& range) const {
  const auto last = static_cast<OperatorId>(range.last);
  const Operator& driver = problem_.workload.operators[last];
  const std::vector<StackTensor>& all = tensors(range);
  LoopTree tree = sequence_of(range);
  tree.path.push_back(Loop{last, RankId{0}, driver.ranks[0].extent, std::nullopt});
  for (const StackTensor& tensor : all) {
    if (tensor.role == StackRole::internal)
      tree.path.push_back(Store{tensor.tensor, memories_.activations, Keep::same});
  }
  if (!is_legal(range, tree, 0)) return nullptr;
  Movement movement(driver.ranks.size(), std::vector<bool>(all.size()));
  for (const RankId rank : ids<RankId>(driver.ranks.size())) {
    if (driver.rank(rank).extent == 1) continue;
    tree.path.front() = Loop{last, rank, ceil_div(driver.rank(rank).extent, 2), std::nullopt};
    const FusedPlan planned = plan(problem_.workload, stack(range, tree));
    for (std::size_t t = 0; t < all.size(); ++t) {
      const std::vector<Box>& need = planned.need[t];
      movement[index(rank)][t] = !need[1].empty() && need[0] != need[1];
    }
  }
  return std::make_shared<const Movement>(std::move(movement));
}

std::vector<RankId> StackFrames::tiled_ranks(const Range& range) const {
  const std::shared_ptr<const Movement> movement = this->movement(range);
  if (!movement) return {};
  const std::vector<StackTensor>& all = tensors(range);
  std::vector<RankId> ranks;
  for (const RankId rank : ids<RankId>(movement->size())) {
    bool moves = false;
    for (std::size_t t = 0; t < all.size(); ++t)
      moves |= all[t].role == StackRole::internal && (*movement)[index(rank)][t];
    if (moves) ranks.push_back(rank);
  }
  return ranks;
}

LoopTree StackFrames::sequence_of(const Range& range) const {
  Sequence sequence;
  for (std::size_t i = range.first; i <= range.last; ++i)
    sequence.children.push_back({{}, ComputeLeaf{static_cast<OperatorId>(i)}});
  LoopTree tree;
  tree.tail = std::move(sequence);
  return tree;
}

/// Loops above the Store of the stack's tensor at `place`, if it has one on the stack's path.
/// Resident weights stand below the outermost loops that all move them: every part of them is
/// fetched once, as if all were there, but only a part is there at a time.
std::size_t StackFrames::depth_of(const Range& range, const Tiling& tiling, std::size_t place,
                                 const StackTensor& tensor) const {
  const std::size_t loops = tiling.loops.size();
  if (tensor.role == StackRole::external && is_weight(range, tensor.tensor)) {
    const std::shared_ptr<const Movement> movement = this->movement(range);
    const auto rests = std::ranges::find_if(tiling.loops, [&](const TileLoop& loop) {
      return movement == nullptr || !(*movement)[index(loop.rank)][place];
    });
    return static_cast<std::size_t>(rests - tiling.loops.begin());
  }
  const bool early =
      tensor.role == StackRole::internal && overlap_of(tiling, place) == Overlap::all;
  return early ? loops - 1 : loops;
}

/// The loops and the Stores of the stack's path; the children have only the weights they stream.
LoopTree StackFrames::frame(const Range& range, const Tiling& tiling) const {
  LoopTree tree = sequence_of(range);
  const auto driver = static_cast<OperatorId>(range.last);
  const std::vector<TensorId>& heavy = weights(range);
  const std::vector<TensorId>& shared = homes(range);
  const std::vector<StackTensor>& all = tensors(range);
  std::vector<std::vector<PathNode>> below(tiling.loops.size() + 1);  // so many loops
  for (std::size_t t = 0; t < all.size(); ++t) {
    const StackTensor& tensor = all[t];
    const bool weight = tensor.role == StackRole::external && is_weight(range, tensor.tensor);
    if (weight && memories_.weights == memories_.home) continue;  // its home is where runs fetch it
    if (weight) {
      const auto at = std::ranges::find(heavy, tensor.tensor);
      if (at != heavy.end() && (tiling.streamed >> (at - heavy.begin()) & 1U) != 0) {
        for (const std::size_t reader : tensor.readers)
          std::get<Sequence>(tree.tail).children[reader].path.push_back(
              Store{tensor.tensor, memories_.weights, Keep::overlap});
        continue;
      }
    }
    const auto outside = std::ranges::find(shared, tensor.tensor);
    if (!weight && outside != shared.end() &&
        (tiling.inside >> (outside - shared.begin()) & 1U) != 0)
      continue;  // its home is here
    const bool again =
        tensor.role == StackRole::internal && overlap_of(tiling, t) == Overlap::recompute;
    below[depth_of(range, tiling, t, tensor)].push_back(
        Store{tensor.tensor, weight ? memories_.weights : memories_.activations,
              again ? Keep::same : Keep::overlap});
  }
  for (std::size_t depth = 0; depth < below.size(); ++depth) {
    tree.path.insert(tree.path.end(), below[depth].begin(), below[depth].end());
    if (depth == tiling.loops.size()) break;
    tree.path.push_back(
        Loop{driver, tiling.loops[depth].rank, tiling.loops[depth].tile, std::nullopt});
  }
  return tree;
}

}  // namespace tileloom::scheduler::exact
