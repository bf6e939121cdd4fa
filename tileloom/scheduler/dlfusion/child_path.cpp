#include "tileloom/scheduler/dlfusion/child_path.hpp"

#include <algorithm>
#include <array>

#include "tileloom/cost/block_work.hpp"
#include "tileloom/cost/multicore_machine.hpp"
#include "tileloom/support/checked.hpp"

namespace tileloom::scheduler {
namespace {

using cost::LaneKind;

bool takes(Unroll unroll, LaneKind kind) {
  switch (unroll) {
    case Unroll::any:
      return kind != LaneKind::none;
    case Unroll::output_channels:
      return kind == LaneKind::output_channels;
    case Unroll::input_channels:
      return kind == LaneKind::input_channels;
    case Unroll::positions:
      return kind == LaneKind::positions;
  }
  return false;
}

class ChildPath {
 public:
  ChildPath(const Workload& workload, const Architecture& arch, OperatorId id,
            std::optional<RankId> channels, const std::vector<std::int64_t>& lengths,
            const std::vector<std::int64_t>& extents)
      : workload_(workload),
        arch_(arch),
        memories_(block_memories(arch)),
        id_(id),
        op_(workload.operators[id]),
        channels_(channels),
        chunk_(lengths),
        enclosing_(extents) {}

  std::vector<PathNode> make(std::int64_t pieces) {
    if (pieces > 0) stream_weights(pieces);
    for (const AxisId axis : ids<AxisId>(arch_.axes.size())) {
      if (arch_.axes[axis].below > index(innermost()) && !arch_.axes[axis].core) unroll(axis);
    }
    for (const bool in_output : {true, false}) {
      for (const RankId rank : ids<RankId>(op_.ranks.size())) {
        if (relevant(op_.output, rank) != in_output) continue;
        if (enclosing_[index(rank)] > 1) loop(rank, 1, std::nullopt);
      }
    }
    return std::move(path_);
  }

 private:
  MemoryId innermost() const {
    return std::max(memories_.activations.value_or(memories_.shared),
                    memories_.weights.value_or(memories_.shared));
  }
  LaneKind kind(RankId rank) const { return cost::lane_kind(op_, rank, channels_ == rank); }

  void loop(RankId rank, std::int64_t tile, std::optional<AxisId> axis) {
    path_.emplace_back(Loop{id_, rank, tile, axis});
    enclosing_[index(rank)] = tile;
    chunk_[index(rank)] = std::min(chunk_[index(rank)], tile);
  }

  std::int64_t lanes(LaneKind kind) const {
    std::int64_t size = 1;
    for (const SpatialAxis& axis : arch_.axes) {
      if (!axis.core && axis.unroll != Unroll::any && takes(axis.unroll, kind)) {
        size = checked_mul(size, axis.size);
      }
    }
    return size;
  }

  /// Cuts the ranks of the weights, channels first, each piece at least one step of the lanes.
  void stream_weights(std::int64_t pieces) {
    std::vector<PathNode> stores;
    std::vector<RankId> ranks;
    for (const Operand& input : op_.inputs) {
      if (workload_.tensors[input.tensor].kind != TensorKind::constant) continue;
      const std::optional<MemoryId> memory = room_of(memories_, input.role);
      if (!memory) continue;
      stores.emplace_back(Store{input.tensor, *memory});
      for (const RankId rank : ids<RankId>(op_.ranks.size())) {
        if (relevant(input, rank) && std::ranges::count(ranks, rank) == 0) ranks.push_back(rank);
      }
    }
    if (stores.empty()) return;
    constexpr std::array<LaneKind, 4> order{LaneKind::output_channels, LaneKind::input_channels,
                                            LaneKind::none, LaneKind::positions};
    for (const LaneKind wanted : order) {
      for (const RankId rank : ranks) {
        if (kind(rank) != wanted || pieces == 1) continue;
        const std::int64_t length = chunk_[index(rank)];
        const std::int64_t tile =
            std::min(length, std::max(lanes(wanted), ceil_div(length, pieces)));
        if (tile == length) continue;
        loop(rank, tile, std::nullopt);
        pieces = ceil_div(pieces, ceil_div(length, tile));
      }
    }
    path_.insert(path_.end(), stores.begin(), stores.end());
  }

  /// The longest rank that may lie on the axis.
  void unroll(AxisId id) {
    const SpatialAxis& axis = arch_.axes[id];
    std::optional<RankId> longest;
    for (const RankId rank : ids<RankId>(op_.ranks.size())) {
      if (!takes(axis.unroll, kind(rank)) || chunk_[index(rank)] == 1) continue;
      if (!longest || chunk_[index(rank)] > chunk_[index(*longest)]) longest = rank;
    }
    if (!longest || axis.size == 1) return;
    const std::int64_t tile = ceil_div(chunk_[index(*longest)], axis.size);
    // What the loops above leave may be more than the longest part, but only in other operators.
    if (ceil_div(enclosing_[index(*longest)], tile) > axis.size) {
      loop(*longest, chunk_[index(*longest)], std::nullopt);
    }
    loop(*longest, tile, id);
  }

  const Workload& workload_;
  const Architecture& arch_;
  BlockMemories memories_;
  OperatorId id_;
  const Operator& op_;
  std::optional<RankId> channels_;
  std::vector<std::int64_t> chunk_;      ///< of the largest part
  std::vector<std::int64_t> enclosing_;  ///< tile of the innermost loop so far
  std::vector<PathNode> path_;
};

}  // namespace

BlockMemories block_memories(const Architecture& arch) {
  const std::size_t above = cost::memories_above_cores(arch);
  return {.shared = static_cast<MemoryId>(above - 1),
          .activations = cost::room_in_core(arch, Role::input),
          .weights = cost::room_in_core(arch, Role::weight),
          .above = above};
}

std::optional<MemoryId> room_of(const BlockMemories& memories, Role role) {
  return role == Role::weight ? memories.weights : memories.activations;
}

std::vector<PathNode> child_path(const Workload& workload, const Architecture& arch, OperatorId op,
                                 std::optional<RankId> channels,
                                 const std::vector<std::int64_t>& lengths,
                                 const std::vector<std::int64_t>& extents, std::int64_t pieces) {
  return ChildPath(workload, arch, op, channels, lengths, extents).make(pieces);
}

}  // namespace tileloom::scheduler
