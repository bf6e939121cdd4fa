#include "tileloom/mapper/exact/product/orders.hpp"

#include <algorithm>
#include <bit>

namespace tileloom::mapper::product {
namespace {

/// A temporal loop of a block.
struct BlockLoop {
  std::size_t rank = 0;
  std::int64_t trips = 1;
};

class Orders {
 public:
  Orders(const Frame& frame, std::span<const Candidate* const> chosen,
         std::span<const SpatialChoice* const> choices,
         const std::function<bool(std::span<const PathNode>)>& visit)
      : frame_(frame),
        terrain_(frame.terrain),
        choices_(choices),
        visit_(visit),
        blocks_(frame.skeleton.blocks()) {
    for (std::size_t g = 0; g < chosen.size(); ++g) {
      const std::vector<std::size_t>& ranks = terrain_.groups[g].ranks;
      for (std::size_t r = 0; r < ranks.size(); ++r) {
        for (std::size_t b = 0; b < blocks_.size(); ++b) {
          const std::int64_t trips = chosen[g]->trips[r * blocks_.size() + b];
          if (trips > 1) blocks_[b].push_back({ranks[r], trips});
        }
      }
    }
    for (std::vector<BlockLoop>& loops : blocks_) {
      std::ranges::sort(loops, {}, &BlockLoop::rank);
    }
    tiles_ = terrain_.extents;
    for (std::size_t o = 0; o < terrain_.operands.size(); ++o) {
      homes_.push_back({terrain_.space->residents[o].home, o});
    }
    std::ranges::sort(homes_);
  }

  void run() {
    for (const auto& [memory, operand] : homes_) add_store(operand, memory);
    order_block(0);
  }

 private:
  void add_store(std::size_t operand, MemoryId memory) {
    path_.push_back(Store{terrain_.space->residents[operand].tensor, memory});
  }

  void add_loop(std::size_t rank, std::int64_t trips, std::optional<AxisId> axis) {
    tiles_[rank] /= trips;
    path_.push_back(Loop{terrain_.space->id, static_cast<RankId>(rank), tiles_[rank], axis});
  }

  /// Everything between the loops of block b and those of the next one; then the next one.
  void end_block(std::size_t b) {
    const std::size_t length = path_.size();
    const std::vector<std::int64_t> tiles = tiles_;
    for (std::size_t a = 0; a < terrain_.open.size(); ++a) {
      if (frame_.skeleton.block_of_axis[a] == b) add_spatial(a);
    }
    if (b + 1 == blocks_.size()) {
      more_ = visit_(path_);
    } else {
      const PlacedStore& store = frame_.skeleton.stores[b];
      add_store(store.operand, store.memory);
      order_block(b + 1);
    }
    path_.resize(length);
    tiles_ = tiles;
  }

  void add_spatial(std::size_t a) {
    for (std::size_t rank = 0; rank < tiles_.size(); ++rank) {
      const std::size_t g = terrain_.group_of[rank];
      if (g == SIZE_MAX) continue;
      const std::int64_t factor = choices_[g]->positions(terrain_.groups[g].place_of(rank), a);
      if (factor > 1) add_loop(rank, factor, terrain_.open[a].id);
    }
  }

  /// From the innermost loop of block b outwards.
  void order_block(std::size_t b) {
    std::vector<std::size_t> inside;
    extend(b, 0, inside);
  }

  /// `inside`: the loops of block b placed so far, innermost first. Loops that look the same to
  /// every operand stand in the order of their ranks only.
  void extend(std::size_t b, std::uint32_t placed, std::vector<std::size_t>& inside) {
    const std::vector<BlockLoop>& loops = blocks_[b];
    if (inside.size() + 1 >= loops.size() || settled(b, placed)) {
      const std::size_t length = inside.size();
      for (std::size_t i = loops.size(); i-- > 0;) {
        if ((placed >> i & 1) == 0) inside.push_back(i);
      }
      write(b, inside);
      inside.resize(length);
      return;
    }
    for (std::size_t i = 0; i < loops.size() && more_; ++i) {
      if ((placed >> i & 1) != 0) continue;
      if (!inside.empty() && loops[i].rank > loops[inside.back()].rank &&
          alike(loops[i].rank, loops[inside.back()].rank)) {
        continue;
      }
      inside.push_back(i);
      extend(b, placed | std::uint32_t{1} << i, inside);
      inside.pop_back();
    }
  }

  void write(std::size_t b, std::span<const std::size_t> inside) {
    const std::size_t length = path_.size();
    const std::vector<std::int64_t> tiles = tiles_;
    for (std::size_t i = inside.size(); i-- > 0;) {
      add_loop(blocks_[b][inside[i]].rank, blocks_[b][inside[i]].trips, std::nullopt);
    }
    end_block(b);
    path_.resize(length);
    tiles_ = tiles;
  }

  bool alike(std::size_t a, std::size_t b) const {
    return std::ranges::all_of(terrain_.operands, [&](const OperandFacts& operand) {
      return operand.relevance[a] == operand.relevance[b] &&
             operand.relevance[a] != Relevance::general;
    });
  }

  /// (R4): the order of the other loops of block b cannot matter: every boundary at or inside it
  /// has seen a loop that moves its box and, if boxes may overlap, one that leaves nothing to keep.
  bool settled(std::size_t b, std::uint32_t placed) const {
    for (std::size_t k = 0; k < frame_.placement.boundaries.size(); ++k) {
      const std::optional<std::size_t> child = frame_.layout.child_block[k];
      if (!child || *child < b || !frame_.layout.counts[k]) continue;
      const OperandFacts& operand = terrain_.operands[frame_.placement.boundaries[k].operand];
      bool moves = false;
      bool clears = false;
      const auto see = [&](const BlockLoop& loop) {
        moves = moves || operand.relevance[loop.rank] != Relevance::none;
        clears = clears || operand.relevance[loop.rank] == Relevance::simple;
      };
      for (std::size_t c = b + 1; c <= *child; ++c) {
        for (const BlockLoop& loop : blocks_[c]) see(loop);
      }
      for (std::size_t i = 0; i < blocks_[b].size(); ++i) {
        if ((placed >> i & 1) != 0) see(blocks_[b][i]);
      }
      if (moves && (clears || operand.axes.empty())) continue;
      // Loops that all mean the same to it may stand in any order.
      bool unknown = false, simple = false, general = false;
      for (std::size_t i = 0; i < blocks_[b].size(); ++i) {
        if ((placed >> i & 1) != 0) continue;
        const Relevance relevance = operand.relevance[blocks_[b][i].rank];
        unknown = unknown || relevance == Relevance::none;
        simple = simple || relevance == Relevance::simple;
        general = general || relevance == Relevance::general;
      }
      if (general || (unknown && simple)) return false;
    }
    return true;
  }

  const Frame& frame_;
  const Terrain& terrain_;
  std::span<const SpatialChoice* const> choices_;
  const std::function<bool(std::span<const PathNode>)>& visit_;
  std::vector<std::vector<BlockLoop>> blocks_;
  std::vector<std::pair<MemoryId, std::size_t>> homes_;
  std::vector<std::int64_t> tiles_;
  std::vector<PathNode> path_;
  bool more_ = true;
};

}  // namespace

void for_each_order(const Frame& frame, std::span<const Candidate* const> chosen,
                    std::span<const SpatialChoice* const> choices,
                    const std::function<bool(std::span<const PathNode>)>& visit) {
  Orders(frame, chosen, choices, visit).run();
}

}  // namespace tileloom::mapper::product
