#include "tileloom/target/vta/tuning/estimate.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "tileloom/support/random.hpp"
#include "tileloom/target/vta/codegen/schedule_tiles.hpp"
#include "tileloom/target/vta/tuning/compile.hpp"
#include "tileloom/workload/make.hpp"

namespace tileloom::target::vta {
namespace {

Nest product(std::int64_t m, std::int64_t n, std::int64_t k) {
  const Workload workload = one_matmul("product", {.m = m, .n = n, .k = k}, {});
  const Operator& op = *workload.operators.begin();
  return nest_of(op, gemm_core(Config{}), *channel_embedding(op, Config{}));
}

std::int64_t loads(const Nest& nest, const Tiling& tiling, Part part) {
  const std::vector<TileStep> steps = schedule_tiles(nest, tiling);
  return std::count_if(steps.begin(), steps.end(),
                       [&](const TileStep& step) { return step.loads(part); });
}

// 2 rows, 3 columns, 4 sums of one block each, two slots: inputs are loaded 2 * 3 * 4 times forwards.
// Back and forth the last two sums are still there at each of the two turns of a row: 24 - 2 * 2 * 2.
TEST(VtaEstimate, TurningRoundKeepsWhatTheSlotsHold) {
  const Nest nest = product(2, 3 * 16, 4 * 16);
  Tiling tiling{{1, 1, 1}, {0, 1, 2}, {2, 2, 2}};
  EXPECT_EQ(loads(nest, tiling, Part::data), 24);
  tiling.back_and_forth = true;
  EXPECT_EQ(loads(nest, tiling, Part::data), 16);
  EXPECT_EQ(loaded_tiles(nest.operand(Part::data), nest, tiling), 16);
}

TEST(VtaEstimate, LoadedTilesOfProductsAreThoseOfTheSchedule) {
  Random random(21);
  for (int i = 0; i < 300; ++i) {
    const Nest nest = product(random.between(1, 9), 16 * random.between(1, 9),
                              16 * random.between(1, 9));
    Tiling tiling{{}, {0, 1, 2}, {}};
    if (random.chance(50)) std::swap(tiling.order[0], tiling.order[1]);
    for (const std::int64_t trips : nest.trips) tiling.tile.push_back(random.between(1, trips));
    for (std::int64_t& slots : tiling.slots) slots = random.between(1, 6);
    tiling.back_and_forth = random.chance(50);
    tiling.reload = random.chance(20);
    for (const Part part : {Part::data, Part::weights}) {
      ASSERT_EQ(loaded_tiles(nest.operand(part), nest, tiling),
                static_cast<double>(loads(nest, tiling, part)))
          << i;
    }
  }
}

}  // namespace
}  // namespace tileloom::target::vta
