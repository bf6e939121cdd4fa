#include "tileloom/scheduler/defines/tile_types.hpp"

#include <gtest/gtest.h>

#include "tileloom/scheduler/defines/small_network_test.hpp"

namespace tileloom::scheduler::defines {
namespace {

/// Registers below a buffer of `bits` for activations below DRAM; weights in DRAM.
Machine machine(std::int64_t bits) {
  Machine m;
  Memory registers;
  registers.name = "registers";
  registers.level[MemoryOperand::O] = 0;
  registers.instances = 4;
  registers.size = {1 << 20};
  Memory buffer;
  buffer.name = "buffer";
  buffer.level[MemoryOperand::O] = 1;
  buffer.level[MemoryOperand::I1] = 0;
  buffer.size = {bits};
  Memory dram;
  dram.name = "dram";
  dram.level[MemoryOperand::O] = 2;
  dram.level[MemoryOperand::I1] = 1;
  dram.level[MemoryOperand::I2] = 0;
  dram.size = {1 << 30};
  for (const Memory& each : {registers, buffer, dram}) m.memories.push_back(each);
  return m;
}
constexpr MemoryIndex kBuffer{1}, kDram{2};

TilePlan plan(const Machine& m, const Graph& graph, const Point& point, const Repairs& repairs) {
  return plan_tiles(m, Hierarchy(m), graph, point, repairs).value();
}

TEST(TileTypes, TheLeftOverTileComesFirst) {
  // 6×6 outputs in tiles of 4×4: widths 2, 4 and heights 2, 4.
  const Graph graph = graph_of(testing::two_convolutions());
  const TilePlan p = plan(machine(1 << 20), graph, {Mode::fully_recompute, {4, 4}}, {});
  ASSERT_EQ(p.types.size(), 4u);
  EXPECT_EQ(p.types[0].tile, (Extent{2, 2}));
  EXPECT_TRUE(p.types[0].first);
  EXPECT_EQ(p.types[1].tile, (Extent{4, 2}));
  EXPECT_EQ(p.types[1].first_seen, (Extent{2, 0}));
  EXPECT_EQ(p.types[3].tile, (Extent{4, 4}));
}

TEST(TileTypes, EqualTilesAreOneTypeAndTheirCountsCoverTheMap) {
  const Graph graph = graph_of(testing::two_convolutions());
  for (const Mode mode : kModes)
    for (std::int64_t x = 1; x < 8; ++x)
      for (std::int64_t y = 1; y < 8; ++y) {
        const TilePlan p = plan(machine(1 << 20), graph, {mode, {x, y}}, {});
        std::int64_t outputs = 0;
        for (const TileType& type : p.types) outputs += type.count * type.tile.x * type.tile.y;
        EXPECT_EQ(outputs, 36) << name(mode) << " " << x << "x" << y;
        EXPECT_LE(p.types.size(), mode == Mode::fully_recompute ? 5u : 9u);
      }
}

TEST(TileTypes, ColumnsAreHandedFromEachTileToItsRightNeighbour) {
  // 6×6 outputs in tiles of 2×6: three columns; the first makes, the second uses and makes, the
  // last uses.
  const Graph graph = graph_of(testing::two_convolutions());
  const TilePlan p = plan(machine(1 << 20), graph, {Mode::h_cached_v_recompute, {2, 6}}, {});
  ASSERT_EQ(p.types.size(), 3u);
  EXPECT_TRUE(p.types[0].h_make && !p.types[0].h_use);
  EXPECT_TRUE(p.types[1].h_make && p.types[1].h_use);
  EXPECT_TRUE(!p.types[2].h_make && p.types[2].h_use);
  EXPECT_FALSE(p.types[0].v_make);
}

TEST(Repair4, NeighboursAgreeOnTheHigherLevelNotOnTheRightOnes) {
  // Tiles of 2 columns over 6: the first has its whole window alive, the second only the new part.
  // Some sizes of the buffer hold what the second needs and not the first.
  const Graph graph = graph_of(testing::two_convolutions());
  Repairs published = as_published();
  published.counted_caches = true;  // else first columns need nothing for their caches
  Repairs repaired = published;
  repaired.highest_cache_level = true;
  bool differ = false;
  for (std::int64_t bits = 64; bits < 8000; bits += 8) {
    const Machine m = machine(bits);
    const TilePlan a = plan(m, graph, {Mode::fully_cached, {2, 2}}, published);
    const TilePlan b = plan(m, graph, {Mode::fully_cached, {2, 2}}, repaired);
    // Places: first and second column of the first row, then of the second.
    for (const TileType& type : b.types) {
      const std::size_t row = type.first_seen.y == 0 ? 0 : 2;
      const auto agreed = std::max(b.places[row].h, b.places[row + 1].h);
      const auto inner = b.places[row + 1].h;
      if (type.h_make) {
        EXPECT_EQ(type.h_make, type.first_seen.x == 0 ? agreed : inner);
      }
      if (type.h_use) {
        EXPECT_EQ(type.h_use, type.first_seen.x == 2 ? agreed : inner);
      }
    }
    for (std::size_t i = 0; i < a.types.size() && i < b.types.size(); ++i)
      differ = differ || a.types[i].h_make != b.types[i].h_make;
  }
  EXPECT_TRUE(differ);
}

TEST(Repair5, FirstColumnsCountTheirCaches) {
  const Graph graph = graph_of(testing::two_convolutions());
  const TilePlace first{{2, 3}, true, true};
  Repairs repaired = as_published();
  repaired.counted_caches = true;
  EXPECT_EQ(needs_of(graph, first, Mode::h_cached_v_recompute, as_published()).columns, Bits{0});
  // 4·2·5 + 1·2·7 elements: tiles_test.cpp
  EXPECT_EQ(needs_of(graph, first, Mode::h_cached_v_recompute, repaired).columns, Bits{54 * 8});
  // Below the first row as published the heights are those of cached rows, 3 instead of 5 and 7.
  const TilePlace below{{2, 3}, false, false};
  EXPECT_EQ(needs_of(graph, below, Mode::h_cached_v_recompute, as_published()).columns,
            needs_of(graph, below, Mode::fully_cached, as_published()).columns);
  EXPECT_GT(needs_of(graph, below, Mode::h_cached_v_recompute, repaired).columns,
            needs_of(graph, below, Mode::h_cached_v_recompute, as_published()).columns);
}

TEST(Levels, ACacheThatFitsNoSharedMemoryIsAnAnswerWithNumbers) {
  const Graph graph = graph_of(testing::two_convolutions());
  Machine m = machine(64);
  m.memories[kDram].size = {100};
  const auto p = plan_tiles(m, Hierarchy(m), graph, {Mode::fully_cached, {4, 4}}, {});
  ASSERT_FALSE(p);
  EXPECT_GT(p.error().need, Bits{100});
  EXPECT_EQ(p.error().largest, Bits{100});
}

TEST(Levels, CachesGoToTheLowestSharedMemoryThatHoldsThemWithTheTiles) {
  // Tile 2×3, second column, first row, fully cached: A + ΣH decides.
  const Graph graph = graph_of(testing::two_convolutions());
  const TilePlace place{{2, 3}, false, true};
  const Needs needs = needs_of(graph, place, Mode::h_cached_v_recompute, {});
  const Bits both = needs.alive + needs.columns;
  for (const std::int64_t room : {std::int64_t{0}, std::int64_t{-1}}) {
    const Machine m = machine(both.value + room);
    const auto levels =
        choose_levels(m, Hierarchy(m), graph, place, Mode::h_cached_v_recompute, {});
    ASSERT_TRUE(levels);
    EXPECT_EQ(levels->h, room == 0 ? kBuffer : kDram);
  }
}

}  // namespace
}  // namespace tileloom::scheduler::defines
