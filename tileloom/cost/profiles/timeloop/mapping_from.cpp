#include <fmt/format.h>

#include <algorithm>

#include "tileloom/cost/profiles/timeloop/from_tileloom.hpp"

namespace tileloom::cost::timeloop {
namespace {

/// A loop and the level it went to.
struct Placed {
  std::size_t memory = 0;
  RankId rank{};
  bool spatial = false;
};

/// Follows a path inwards and sorts its nodes into levels.
class Sorter {
 public:
  Sorter(const Workload& workload, const Operator& op, const Architecture& machine)
      : workload_(workload),
        op_(op),
        machine_(machine),
        is_y_(y_axes(machine)),
        tiles_(op.ranks.size()) {
    mapping_.levels.resize(machine.memories.size());
    for (std::size_t r = 0; r < op.ranks.size(); ++r) tiles_[r] = op.ranks[r].extent;
  }

  void add(const Store& store) {
    const std::string& memory = machine_.memories[store.memory].name;
    const std::string& tensor = workload_.tensors[store.tensor].name;
    const std::size_t m = index(store.memory);
    if (m < memory_ && moved(store.tensor, m))
      refuse("the store of {} in {} stands inside {}, which is further in", tensor, memory,
             machine_.memories[static_cast<MemoryId>(memory_)].name);
    else if (m == memory_ && moved(store.tensor, m))
      refuse("the store of {} in {} stands below loops of {}: each level has one set of loops",
             tensor, memory, memory);
    if (store.keep == Keep::same)
      refuse("the store of {} in {} says keep same, Timeloop keeps what overlaps", tensor, memory);
    if (m > memory_) enter(m);
    for (std::size_t i = 0; i < operands(op_).size(); ++i)
      if (operands(op_)[i]->tensor == store.tensor) level(m).keep.push_back(static_cast<SpaceId>(i));
  }

  void add(const Loop& loop) {
    const std::int64_t extent = tiles_[index(loop.rank)];
    const std::string& rank = op_.rank(loop.rank).name;
    if (extent % loop.tile != 0)
      refuse("the loop over {} cuts {} into tiles of {}, the last one partial", rank, extent,
             loop.tile);
    const Factor factor{static_cast<DimId>(index(loop.rank)), extent / loop.tile};
    tiles_[index(loop.rank)] = loop.tile;
    if (factor.count <= 1) return;
    if (loop.axis)
      add_spatial(*loop.axis, factor, rank);
    else
      add_temporal(factor, rank);
    placed_.push_back({memory_, loop.rank, spatial_});
  }

  tl::expected<Mapping, Reasons> finish() {
    for (std::size_t r = 0; r < tiles_.size(); ++r)
      if (tiles_[r] != 1)
        refuse("no loop walks the last {} of rank {}", tiles_[r], op_.ranks[r].name);
    if (!reasons_.empty()) return tl::unexpected(std::move(reasons_));
    return std::move(mapping_);
  }

 private:
  template <class... Args>
  void refuse(fmt::format_string<Args...> text, Args&&... args) {
    reasons_.push_back(fmt::format(text, std::forward<Args>(args)...));
  }

  LevelMapping& level(std::size_t memory) {
    return mapping_.levels[mapping_.levels.size() - 1 - memory];
  }

  void enter(std::size_t memory) {
    memory_ = memory;
    spatial_ = false;
  }

  /// Whether a loop so far, in the level of `memory` or further in, moves a tile of `tensor` or
  /// spreads it over copies.
  bool moved(TensorId tensor, std::size_t memory) const {
    return std::ranges::any_of(placed_, [&](const Placed& loop) {
      if (loop.memory < memory) return false;
      return loop.spatial || std::ranges::any_of(operands(op_), [&](const Operand* operand) {
               return operand->tensor == tensor && relevant(*operand, loop.rank);
             });
    });
  }

  void add_temporal(const Factor& factor, const std::string& rank) {
    // Below a spatial loop time goes on in the next level, which then stores nothing.
    if (spatial_ && memory_ + 1 < machine_.memories.size()) enter(memory_ + 1);
    if (spatial_) refuse("the temporal loop over {} stands below the innermost fan-out", rank);
    level(memory_).temporal.push_back(factor);
  }

  void add_spatial(AxisId id, const Factor& factor, const std::string& rank) {
    const SpatialAxis& axis = machine_.axes[id];
    if (axis.below == 0) {
      refuse("axis {} lies outside all memories", axis.name);
      return;
    }
    const std::size_t home = axis.below - 1;
    if (home < memory_)
      refuse("the loop over {} on {} stands inside {}, the axis lies outside it", rank, axis.name,
             machine_.memories[static_cast<MemoryId>(memory_)].name);
    else if (home > memory_)
      enter(home);
    LevelMapping& here = level(memory_);
    (is_y_[index(id)] ? here.spatial_y : here.spatial_x).push_back(factor);
    spatial_ = true;
  }

  const Workload& workload_;
  const Operator& op_;
  const Architecture& machine_;
  const std::vector<bool> is_y_;
  std::vector<std::int64_t> tiles_;  ///< per rank: the tile of the loops so far
  Mapping mapping_;
  Reasons reasons_;
  std::size_t memory_ = 0;
  bool spatial_ = false;  ///< the level has a spatial loop
  std::vector<Placed> placed_;
};

}  // namespace

tl::expected<Mapping, Reasons> mapping_from(const Workload& workload, const Operator& op,
                                            const Architecture& machine,
                                            std::span<const PathNode> path) {
  Sorter sorter(workload, op, machine);
  for (const PathNode& node : path) std::visit([&](const auto& item) { sorter.add(item); }, node);
  return sorter.finish();
}

}  // namespace tileloom::cost::timeloop
