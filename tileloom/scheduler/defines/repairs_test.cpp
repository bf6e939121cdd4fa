// Each repair of the artifact's defects makes the difference it is there for.

#include <gtest/gtest.h>

#include "tileloom/io/zigzag/read_machine.hpp"
#include "tileloom/io/zigzag/read_network.hpp"
#include "tileloom/scheduler/defines/exploration.hpp"

namespace tileloom::scheduler::defines {
namespace {

/// Totals of a point with only `flag` repaired, or as published.
Totals totals(const char* network, const char* machine, const Point& point,
              bool Repairs::* flag = nullptr) {
  Options options;
  options.repairs = as_published();
  if (flag) options.repairs.*flag = true;
  const Exploration exploration(io::zigzag::load_network(network).value(),
                                io::zigzag::load_machine(machine).value(), options);
  const auto schedule = exploration.evaluate(point);
  EXPECT_TRUE(schedule) << explain(schedule.error(), exploration.machine());
  return schedule ? schedule->totals : Totals{};
}

TEST(Repair1, WithoutItFsrcnnOnTpuLikeCountsAlmostTwice) {
  const Point whole{Mode::fully_recompute, {2000, 2000}};
  const Totals published = totals("fsrcnn", "TPU_like", whole);
  const Totals repaired = totals("fsrcnn", "TPU_like", whole, &Repairs::optional_ids);
  EXPECT_NEAR(repaired.energy.value, 21.772875e9, 1e4);  // case study: 21.77 mJ, 64.72 Mcycles
  EXPECT_EQ(repaired.latency1, Cycles{64'724'997});
  EXPECT_NEAR(published.energy.value / repaired.energy.value, 2, 0.05);
}

TEST(Repair2, AllInstancesOfTheWeightLevelHoldFsrcnnInOneStack) {
  const Graph graph = graph_of(io::zigzag::load_network("fsrcnn").value());
  const Machine machine = io::zigzag::load_machine("TPU_like").value();
  EXPECT_EQ(weight_threshold(machine, as_published()).size, Bits{1024});
  EXPECT_EQ(weight_threshold(machine, {}).size, Bits{1024 * 1024});
  EXPECT_EQ(cuts_of({}, graph, machine, as_published()).size(), 9u);
  EXPECT_TRUE(cuts_of({}, graph, machine, {}).empty());
}

TEST(Repair7, CachesAndWeightsTakeRoomFromTheMapper) {
  const Point tight{Mode::fully_cached, {7, 7}};
  const Totals published = totals("resnet18", "TPU_like_DF", tight);
  const Totals honest = totals("resnet18", "TPU_like_DF", tight, &Repairs::reserved_capacity);
  EXPECT_GT(honest.energy, published.energy);
}

TEST(Repair8, CachesOfTheStackInputAreWrittenBeforeTheyAreRead) {
  const Point point{Mode::h_cached_v_recompute, {4, 4}};
  const Totals published = totals("fsrcnn", "Meta_prototype", point);
  const Totals charged =
      totals("fsrcnn", "Meta_prototype", point, &Repairs::charged_input_caches);
  EXPECT_GT(charged.copy_energy, published.copy_energy);
  EXPECT_NEAR(charged.energy.value - published.energy.value,
              charged.copy_energy.value - published.copy_energy.value, 1);
}

TEST(Repair9, OfEqualEnergiesTheLowerLatencyAndNoMemoryIsPassedOver) {
  const Point point{Mode::fully_cached, {4, 4}};
  const Totals first = totals("mccnn", "Edge_TPU_like", point);
  const Totals least = totals("mccnn", "Edge_TPU_like", point, &Repairs::sound_mapper);
  EXPECT_LE(least.energy.value, first.energy.value * (1 + 1e-12));
  EXPECT_LT(least.latency1, first.latency1);
  // Both operands of an addition, 32·8 elements each at a time, do not fit into 1 KB together: the
  // artifact passes over that memory, we run half of them at a time.
  Options options;
  const Exploration exploration(io::zigzag::load_network("resnet18").value(),
                                io::zigzag::load_machine("Tesla_NPU_like").value(), options);
  const auto schedule = exploration.evaluate({Mode::fully_cached, {7, 7}});
  ASSERT_TRUE(schedule);
  int halved = 0;
  for (const NodeRun& node : schedule->stacks.front().tiles.front().nodes)
    if (node.tile) halved += node.tile->halvings;
  EXPECT_GT(halved, 0);
}

TEST(Repairs, AreNamedOnceEachAndPublishedHasNone) {
  EXPECT_EQ(repair_names().size(), 7u);
  for (const RepairName& repair : repair_names()) {
    EXPECT_FALSE(as_published().*repair.flag) << repair.name;
    EXPECT_TRUE(Repairs{}.*repair.flag) << repair.name;
  }
}

}  // namespace
}  // namespace tileloom::scheduler::defines
