#include "tileloom/scheduler/dlfusion/boxes_tree.hpp"

#include <algorithm>

#include "tileloom/scheduler/dlfusion/child_path.hpp"
#include "tileloom/support/checked.hpp"
#include "tileloom/workload/repeat.hpp"

namespace tileloom::scheduler {
namespace {

class BoxedPath {
 public:
  BoxedPath(const Workload& workload, std::int64_t images, const Architecture& arch, OperatorId id,
            std::vector<std::int64_t> box)
      : workload_(workload),
        arch_(arch),
        memories_(block_memories(arch)),
        id_(id),
        op_(workload.operators[id]),
        box_(std::move(box)) {
    if (images > 1) box_.push_back(1);
    for (const Rank& rank : op_.ranks) left_.push_back(rank.extent);
  }

  std::vector<PathNode> make(std::int64_t cores, std::optional<RankId> channels) {
    share_out(cores);
    cut(true);
    store(op_.output);
    cut(false);
    for (const Operand& input : op_.inputs) store(input);
    const std::vector<PathNode> inner =
        child_path(workload_, arch_, id_, channels, left_, left_, 0);
    path_.insert(path_.end(), inner.begin(), inner.end());
    return std::move(path_);
  }

 private:
  void loop(RankId rank, std::int64_t tile, std::optional<AxisId> axis) {
    if (tile == left_[index(rank)]) return;
    path_.emplace_back(Loop{id_, rank, tile, axis});
    left_[index(rank)] = tile;
  }

  /// Boxes of the output's ranks to the cores, axis by axis.
  void share_out(std::int64_t cores) {
    for (const AxisId axis : ids<AxisId>(arch_.axes.size())) {
      if (!arch_.axes[axis].core) continue;
      std::int64_t free = std::min(cores, arch_.axes[axis].size);
      std::int64_t used = 1;
      for (const RankId rank : ids<RankId>(box_.size())) {
        if (!relevant(op_.output, rank)) continue;
        const std::int64_t boxes = ceil_div(left_[index(rank)], box_[index(rank)]);
        const std::int64_t each = ceil_div(boxes, std::min(boxes, free));
        const std::int64_t here = ceil_div(boxes, each);
        loop(rank, std::min(left_[index(rank)], checked_mul(each, box_[index(rank)])), axis);
        free /= here;
        used *= here;
      }
      cores /= used;
    }
  }

  void cut(bool output) {
    for (const RankId rank : ids<RankId>(box_.size())) {
      if (relevant(op_.output, rank) != output) continue;
      loop(rank, std::min(left_[index(rank)], box_[index(rank)]), std::nullopt);
    }
  }

  void store(const Operand& operand) {
    if (const std::optional<MemoryId> memory = room_of(memories_, operand.role)) {
      path_.emplace_back(Store{operand.tensor, *memory});
    }
  }

  const Workload& workload_;
  const Architecture& arch_;
  BlockMemories memories_;
  OperatorId id_;
  const Operator& op_;
  std::vector<std::int64_t> box_;
  std::vector<std::int64_t> left_;
  std::vector<PathNode> path_;
};

}  // namespace

LoopTree boxes_tree(const Workload& workload, std::int64_t images, const Architecture& arch,
                    const NetworkField& field, const Block& block, const cost::BlockPlan& plan) {
  Sequence sequence;
  for (std::size_t i = 0; i < block.operators.size(); ++i) {
    const OperatorId op = block.operators[i];
    const std::optional<RankId> channels =
        field.operators[op].rank[static_cast<std::size_t>(SplitAxis::channels)];
    sequence.children.push_back({BoxedPath(workload, images, arch, op, plan.boxes[i])
                                     .make(cost::cores_used(plan), channels),
                                 ComputeLeaf{op}});
  }
  return {{}, std::move(sequence)};
}

}  // namespace tileloom::scheduler
