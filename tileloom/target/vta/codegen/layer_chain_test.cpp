#include "tileloom/target/vta/codegen/layer_chain.hpp"

#include <gtest/gtest.h>

namespace tileloom::target::vta {
namespace {

Load load_at(std::int64_t element, std::int64_t rows, std::int64_t size, std::int64_t stride) {
  Load load;
  load.dram_base = element;
  load.y_size = rows;
  load.x_size = size;
  load.x_stride = stride;
  return load;
}

Store store_at(std::int64_t element, std::int64_t rows, std::int64_t size, std::int64_t stride) {
  return Store(load_at(element, rows, size, stride));
}

TEST(VtaLayerChain, RowsMeetOnlyWhereTheyShareElements) {
  // Rows [10, 14), [20, 24) against columns beside and below.
  const Load rows = load_at(10, 2, 4, 10);
  EXPECT_TRUE(meet(rows, 16, store_at(23, 1, 1, 1), 16));
  EXPECT_FALSE(meet(rows, 16, store_at(24, 1, 6, 6), 16));
  EXPECT_FALSE(meet(rows, 16, store_at(4, 4, 6, 10), 16));  // columns 4 to 9 of every row
  EXPECT_TRUE(meet(rows, 16, store_at(3, 4, 8, 10), 16));
  // The same number names bytes further on where elements are larger.
  EXPECT_FALSE(meet(load_at(10, 1, 1, 1), 32, store_at(10, 1, 10, 10), 16));
  EXPECT_TRUE(meet(load_at(10, 1, 1, 1), 32, store_at(10, 1, 11, 11), 16));
}

/// Tiles of one step each, of 8 accumulators in two slots, that load what lies at 100, 200, …
struct Layer {
  std::vector<TileStep> steps;
  std::vector<ChainedStep> chained;
};
Layer layer(std::size_t tiles) {
  Layer result;
  for (std::size_t t = 0; t < tiles; ++t) {
    const auto n = static_cast<std::int64_t>(t);
    result.steps.push_back({.first = true, .last = true, .reset_waits = t >= 2});
    result.chained.push_back({n % 2 * 8, 8, {load_at(100 * (n + 1), 1, 10, 10)}});
  }
  return result;
}

std::vector<std::int64_t> pops(const Layer& of) {
  std::vector<std::int64_t> result;
  for (const TileStep& step : of.steps) result.push_back(step.pops);
  return result;
}

TEST(VtaLayerChain, AStoreIsWaitedForWhenItsAccumulatorsAreReset) {
  Layer next = layer(4);
  // The second slot is stored last; nobody loads it.
  const std::vector<PendingStore> pending{{0, 8, {store_at(900, 1, 8, 8)}},
                                          {8, 8, {store_at(908, 1, 8, 8)}}};
  EXPECT_EQ(wait_for_pending(pending, next.chained, 16, next.steps), 1U);
  EXPECT_EQ(pops(next), (std::vector<std::int64_t>{1, 1, 0, 0}));
  for (const TileStep& step : next.steps) EXPECT_FALSE(step.load_waits);
}

TEST(VtaLayerChain, ALoadOfWhatIsStoredWaitsOneStepAhead) {
  Layer next = layer(4);
  for (ChainedStep& step : next.chained) step.first_entry += 100;  // other accumulators
  const std::vector<PendingStore> pending{{0, 8, {store_at(305, 1, 1, 1)}}};
  EXPECT_EQ(wait_for_pending(pending, next.chained, 16, next.steps), 1U);
  EXPECT_EQ(pops(next), (std::vector<std::int64_t>{0, 1, 0, 0}));
  EXPECT_TRUE(next.steps[1].tells_loads);
  EXPECT_TRUE(next.steps[2].load_waits);  // its load meets the store
  EXPECT_FALSE(next.steps[1].load_waits);
}

TEST(VtaLayerChain, StoresAreWaitedForInTheirOrderAndBeforeOwnOnes) {
  Layer next = layer(4);
  for (ChainedStep& step : next.chained) step.first_entry += 100;
  // The later of the two is needed at once, so both are taken there.
  const std::vector<PendingStore> pending{{0, 8, {store_at(900, 1, 1, 1)}},
                                          {8, 8, {store_at(100, 1, 1, 1)}}};
  EXPECT_EQ(wait_for_pending(pending, next.chained, 16, next.steps), 0U);
  EXPECT_EQ(pops(next), (std::vector<std::int64_t>{2, 0, 0, 0}));
  EXPECT_TRUE(next.steps[0].load_waits);
  // What nobody needs is taken before the first token of an own store.
  Layer free = layer(4);
  for (ChainedStep& step : free.chained) step.first_entry += 100;
  EXPECT_EQ(wait_for_pending({{0, 8, {store_at(900, 1, 1, 1)}}}, free.chained, 16, free.steps), 2U);
}

}  // namespace
}  // namespace tileloom::target::vta
