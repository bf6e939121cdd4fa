#include "tileloom/reference/random_tree.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

#include "tileloom/reference/random_operator.hpp"
#include "tileloom/support/checked.hpp"

namespace tileloom::reference {
namespace {

template <class T>
const T& pick(Random& random, const std::vector<T>& from) {
  return from[random.below(from.size())];
}

/// A Store and the number of loops above it.
struct Placed {
  Store store;
  const Operand* operand = nullptr;
  std::size_t gap = 0;
};

bool is_on_axis_outside(const Architecture& arch, const Loop& loop, MemoryId memory) {
  return loop.axis && arch.axes[*loop.axis].below <= index(memory);
}
bool is_on_axis_inside(const Architecture& arch, const Loop& loop, MemoryId memory) {
  return loop.axis && arch.axes[*loop.axis].below > index(memory);
}

/// Draws one path: which memories each tensor visits, the loops, then where the Stores stand.
class PathDraft {
 public:
  PathDraft(Random& random, const Workload& workload, OperatorId op, const Architecture& arch)
      : random_(random), id_(op), op_(workload.operators[op]), arch_(arch) {}

  std::vector<PathNode> draw() {
    for (const Operand* operand : operands(op_)) chains_.push_back(chain(*operand));
    draw_loops();
    choose_axes();
    std::vector<Placed> placed;
    for (std::size_t i = 0; i < chains_.size(); ++i) place(*operands(op_)[i], chains_[i], placed);
    return merge(placed);
  }

 private:
  /// Memories that may hold the role, outermost first; the first is the home.
  std::vector<MemoryId> chain(const Operand& operand) {
    std::vector<MemoryId> able;
    for (const MemoryId id : ids<MemoryId>(arch_.memories.size())) {
      if (arch_.memories[id].holds[static_cast<std::size_t>(operand.role)]) able.push_back(id);
    }
    std::vector<MemoryId> chain;
    for (std::size_t i = 0; i < able.size(); ++i) {
      if (random_.chance(i == 0 ? 92 : 65)) chain.push_back(able[i]);
    }
    if (chain.empty()) chain.push_back(able.front());
    return chain;
  }

  std::int64_t tile_below(std::int64_t chunk) {
    if (random_.chance(30)) return 1;
    return random_.between(1, chunk);
  }

  /// Every rank is divided to 1 in a few loops; the ranks' loops are interleaved at random.
  void draw_loops() {
    std::vector<std::vector<Loop>> by_rank;
    std::vector<std::size_t> turns;
    for (const RankId rank : ids<RankId>(op_.ranks.size())) {
      std::vector<Loop> loops;
      std::int64_t chunk = op_.rank(rank).extent;
      while (chunk > 1 || random_.chance(4)) {
        chunk = loops.size() >= 3 ? 1 : tile_below(chunk);
        loops.push_back({id_, rank, chunk, std::nullopt});
      }
      turns.insert(turns.end(), loops.size(), index(rank));
      by_rank.push_back(std::move(loops));
    }
    for (std::size_t i = turns.size(); i > 1; --i) std::swap(turns[i - 1], turns[random_.below(i)]);
    std::vector<std::size_t> next(by_rank.size(), 0);
    for (const std::size_t rank : turns) loops_.push_back(by_rank[rank][next[rank]++]);
  }

  /// Number of the memories in use that lie outside the axis: loops on axes of different numbers
  /// stand in this order, others in any.
  std::size_t depth(AxisId axis) const {
    std::set<MemoryId> outside;
    for (const std::vector<MemoryId>& chain : chains_) {
      for (const MemoryId memory : chain) {
        if (index(memory) < arch_.axes[axis].below) outside.insert(memory);
      }
    }
    return outside.size();
  }

  void choose_axes() {
    std::vector<std::int64_t> free;
    for (const SpatialAxis& axis : arch_.axes) free.push_back(axis.size);
    std::vector<std::int64_t> chunk;
    for (const Rank& rank : op_.ranks) chunk.push_back(rank.extent);
    std::size_t reached = 0;
    bool previous = false;
    for (Loop& loop : loops_) {
      std::int64_t& length = chunk[index(loop.rank)];
      const std::int64_t trips = ceil_div(length, loop.tile);
      length = loop.tile;
      std::vector<AxisId> able;
      for (const AxisId axis : ids<AxisId>(arch_.axes.size())) {
        const bool below_homes = std::ranges::all_of(chains_, [&](const auto& chain) {
          return index(chain.front()) < arch_.axes[axis].below;
        });
        if (below_homes && depth(axis) >= reached && free[index(axis)] >= trips) {
          able.push_back(axis);
        }
      }
      // Neighbours in space are more often legal above a shared memory, so they attract each other.
      const bool spatial = !able.empty() && random_.chance(previous ? 75 : 40);
      previous = spatial;
      if (!spatial) continue;
      loop.axis = pick(random_, able);
      free[index(*loop.axis)] /= trips;
      reached = depth(*loop.axis);
    }
  }

  /// Rule 4 for a Store in `memory` below the first `gap` loops.
  bool sharing_is_legal(MemoryId memory, std::size_t gap) const {
    for (std::size_t i = 0; i < gap; ++i) {
      if (!loops_[i].axis || replicated(arch_, memory, *loops_[i].axis)) continue;
      for (std::size_t j = i + 1; j < gap; ++j) {
        if (!loops_[j].axis) return false;
        const bool own = replicated(arch_, memory, *loops_[j].axis);
        if (own && loops_[j].rank == loops_[i].rank) return false;
      }
    }
    return true;
  }

  /// Rule 5 for a Store below another of its tensor.
  bool nests(const Placed& parent, MemoryId memory) const {
    for (std::size_t i = 0; i < parent.gap; ++i) {
      if (!loops_[i].axis || !replicated(arch_, parent.store.memory, *loops_[i].axis)) continue;
      if (!replicated(arch_, memory, *loops_[i].axis)) return false;
    }
    return true;
  }

  /// Rule 7: no chunk that occurs at a Store below the first `gap` loops leaves a hole in the
  /// output's box.
  bool output_is_gap_free(MemoryId memory, std::size_t gap) const {
    for (const Axis& axis : op_.output.axes) {
      std::vector<std::vector<std::int64_t>> combinations{
          std::vector<std::int64_t>(op_.ranks.size(), 1)};
      for (const Term& term : axis.terms) {
        std::set<std::int64_t> lengths{op_.rank(term.rank).extent};
        for (std::size_t i = 0; i < gap; ++i) {
          if (loops_[i].rank != term.rank) continue;
          if (loops_[i].axis && !replicated(arch_, memory, *loops_[i].axis)) continue;
          std::set<std::int64_t> inner;
          for (const std::int64_t length : lengths) {
            for (std::int64_t s = 0; s < length; s += loops_[i].tile) {
              inner.insert(std::min(loops_[i].tile, length - s));
            }
          }
          lengths = std::move(inner);
        }
        std::vector<std::vector<std::int64_t>> more;
        for (auto combination : combinations) {
          for (const std::int64_t length : lengths) {
            combination[index(term.rank)] = length;
            more.push_back(combination);
          }
        }
        combinations = std::move(more);
      }
      for (const auto& lengths : combinations) {
        if (!gap_free(axis, lengths)) return false;
      }
    }
    return true;
  }

  void place(const Operand& operand, const std::vector<MemoryId>& chain,
             std::vector<Placed>& placed) {
    const bool sums =
        operand.role == Role::output &&
        std::ranges::any_of(operand.axes, [](const Axis& a) { return a.terms.size() > 1; });
    const std::size_t home = placed.size();
    for (const MemoryId memory : chain) {
      std::size_t first = placed.size() == home ? 0 : placed.back().gap;
      std::size_t last = loops_.size();
      for (std::size_t i = 0; i < loops_.size(); ++i) {
        if (is_on_axis_outside(arch_, loops_[i], memory)) first = std::max(first, i + 1);
        if (is_on_axis_inside(arch_, loops_[i], memory)) last = std::min(last, i);
      }
      Placed next{{operand.tensor, memory, Keep::overlap}, &operand, 0};
      if (!sums && random_.chance(30)) next.store.keep = Keep::same;
      if (placed.size() > home) {
        std::vector<std::size_t> legal;
        for (std::size_t gap = first; gap <= last; ++gap) {
          if (!sharing_is_legal(memory, gap)) continue;
          if (operand.role != Role::output || output_is_gap_free(memory, gap)) legal.push_back(gap);
        }
        if (legal.empty() || !nests(placed.back(), memory)) continue;
        // The ends are the usual places: all Stores of a memory together, and next to the lanes.
        const std::uint64_t place = random_.below(10);
        next.gap = place < 3 ? legal.front() : place < 6 ? legal.back() : pick(random_, legal);
      }
      placed.push_back(next);
    }
  }

  /// Stores of one gap stand in any order that keeps each tensor's own.
  std::vector<PathNode> merge(std::vector<Placed> placed) {
    std::vector<PathNode> path;
    for (std::size_t gap = 0; gap <= loops_.size(); ++gap) {
      while (true) {
        std::vector<std::size_t> ready;
        for (std::size_t i = 0; i < placed.size(); ++i) {
          const bool first =
              std::none_of(placed.begin(), placed.begin() + static_cast<std::ptrdiff_t>(i),
                           [&](const Placed& other) { return other.operand == placed[i].operand; });
          if (first && placed[i].gap == gap) ready.push_back(i);
        }
        if (ready.empty()) break;
        const std::size_t chosen = pick(random_, ready);
        path.push_back(placed[chosen].store);
        placed.erase(placed.begin() + static_cast<std::ptrdiff_t>(chosen));
      }
      if (gap < loops_.size()) path.push_back(loops_[gap]);
    }
    return path;
  }

  Random& random_;
  OperatorId id_;
  const Operator& op_;
  const Architecture& arch_;
  std::vector<std::vector<MemoryId>> chains_;  ///< by operand
  std::vector<Loop> loops_;                    ///< outermost first
};

}  // namespace

Architecture random_architecture(Random& random) {
  Architecture arch;
  arch.name = "random";
  const std::int64_t memories = random.between(1, 4);
  const std::int64_t axes = random.between(0, 3);
  for (std::int64_t i = 0; i < axes; ++i) {
    SpatialAxis axis;
    axis.size = random.between(2, 9);
    axis.multicast = random.chance(60);
    axis.reduce = random.chance(60);
    axis.below = static_cast<std::size_t>(random.between(random.chance(3) ? 0 : 1, memories));
    arch.axes.push_back(axis);
  }
  std::ranges::sort(arch.axes, {}, &SpatialAxis::below);
  for (const AxisId id : ids<AxisId>(arch.axes.size())) {
    arch.axes[id].name = fmt::format("X{}", index(id));
  }
  for (std::size_t i = 0; i < static_cast<std::size_t>(memories); ++i) {
    Memory memory;
    memory.name = fmt::format("M{}", i);
    for (bool& holds : memory.holds) holds = random.chance(i == 0 ? 95 : 85);
    if (memory.holds == std::array<bool, kRoles>{}) memory.holds[random.below(kRoles)] = true;
    arch.memories.push_back(memory);
  }
  // A memory is shared along an axis only if those between it and the axis are too.
  for (const AxisId id : ids<AxisId>(arch.axes.size())) {
    for (std::size_t i = arch.axes[id].below; i < arch.memories.size() && random.chance(45); ++i) {
      arch.memories[static_cast<MemoryId>(i)].shared_along.push_back(id);
    }
  }
  for (std::size_t role = 0; role < kRoles; ++role) {
    const bool held =
        std::ranges::any_of(arch.memories, [&](const Memory& m) { return m.holds[role]; });
    if (!held) arch.memories[MemoryId{0}].holds[role] = true;
  }
  return arch;
}

LoopTree random_path(Random& random, const Workload& workload, OperatorId op,
                     const Architecture& arch) {
  return {PathDraft(random, workload, op, arch).draw(), ComputeLeaf{op}};
}

RandomCase random_case(Random& random, std::int64_t max_points) {
  RandomCase drawn;
  drawn.workload = random_workload(random, max_points);
  drawn.arch = random_architecture(random);
  drawn.tree = random_path(random, drawn.workload, OperatorId{0}, drawn.arch);
  return drawn;
}

}  // namespace tileloom::reference
