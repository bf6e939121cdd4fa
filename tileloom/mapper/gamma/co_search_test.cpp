#include "tileloom/mapper/gamma/co_search.hpp"

#include <gtest/gtest.h>

#include "tileloom/workload/make.hpp"

namespace tileloom::mapper::co_search_test {
namespace {

const Constraints kNone;

/// DRAM, L2, up to `pes` PEs with an L1; L1 and L2 double-buffered.
Architecture machine(std::int64_t pes) {
  Architecture arch;
  arch.name = "open";
  arch.memories.push_back({.name = "DRAM", .read = {{200}, ""}, .write = {{200}, ""}});
  arch.memories.push_back({.name = "L2",
                           .capacity = Bits{8 * 108'000},
                           .read = {{18.61}, ""},
                           .write = {{18.61}, ""},
                           .double_buffered = true});
  arch.memories.push_back({.name = "L1",
                           .capacity = Bits{8 * 512},
                           .read = {{1.68}, ""},
                           .write = {{1.68}, ""},
                           .double_buffered = true});
  arch.axes.push_back({.name = "pe", .size = pes, .below = 2});
  return arch;
}

TEST(CoSearch, TheAreaIsThatOfLanesAndBits) {
  // 168 · 282 + 0.086 · 8 · (168 · 512 + 108 000) = 47 376 + 59 179.0 + 74 304 µm²
  EXPECT_NEAR(area_um2(machine(168)), 180'859.0, 0.1);
}

TEST(CoSearch, SizesAMachineWithinTheAreaAndIsFasterWithMoreOfIt) {
  const ConvAxis axis{.output = 14, .filter = 3};
  const Workload workload =
      one_conv("l", {.in_channels = 64, .out_channels = 64, .axes = {axis, axis}}, {8, 8, 8, 8});
  const Architecture arch = machine(1024);
  const Problem problem{workload, OperatorId{0}, arch, {cost::Metric::latency, {}}, kNone};
  std::int64_t before = 0;
  for (const double area : {400'000.0, 100'000.0, 25'000.0}) {
    const CoDesign design = co_search(problem, {.area = area}, {}, {.evaluations = 3000});
    ASSERT_TRUE(design.result.tree) << area;
    EXPECT_LE(design.area, area);
    EXPECT_NEAR(design.area, area_um2(design.arch), 1e-6);
    for (const cost::Occupancy& memory : design.result.evaluation->occupancy) {
      EXPECT_TRUE(memory.fits());
    }
    // Most of the area goes into lanes that are busy: a quarter of it at least.
    const std::int64_t cycles = design.result.evaluation->latency.total.value;
    EXPECT_GT(282.0 * static_cast<double>(lanes(design.arch)), area / 4);
    EXPECT_GT(cycles, before);
    before = cycles;
  }
}

TEST(CoSearch, SaysNothingFitsIntoAnAreaSmallerThanALane) {
  const Workload workload = one_matmul("mm", {.m = 4, .n = 4, .k = 4}, {8, 8, 8, 8});
  const Architecture arch = machine(16);
  const Problem problem{workload, OperatorId{0}, arch, {}, kNone};
  const CoDesign design = co_search(problem, {.area = 200}, {}, {.evaluations = 100});
  EXPECT_FALSE(design.result.tree);
  EXPECT_EQ(design.result.proof, Proof::infeasible);
  // One lane and one bit of either memory: 282 + 2 · 0.086 µm².
  EXPECT_EQ(design.result.reason,
            "the smallest machine takes 282.2 um2, more than the 200.0 um2 allowed");
}

TEST(CoSearch, LanesAndBuffersStayWithinTheirLimits) {
  const Workload workload = one_matmul("mm", {.m = 64, .n = 64, .k = 64}, {8, 8, 8, 8});
  const Architecture arch = machine(16);
  const Problem problem{workload, OperatorId{0}, arch, {cost::Metric::edp, {}}, kNone};
  HardwareBudget hardware;
  hardware.lanes = 48;  // wider than the machine given
  hardware.capacities = {{MemoryId{1}, Bits{8 * 600}}, {MemoryId{2}, Bits{8 * 20}}};
  const CoDesign design = co_search(problem, hardware, {}, {.evaluations = 2000});
  ASSERT_TRUE(design.result.tree);
  EXPECT_LE(lanes(design.arch), 48);
  EXPECT_GT(lanes(design.arch), 16);
  EXPECT_LE(*design.arch.memories[MemoryId{1}].capacity, Bits{8 * 600});
  EXPECT_LE(*design.arch.memories[MemoryId{2}].capacity, Bits{8 * 20});
  for (const cost::Occupancy& memory : design.result.evaluation->occupancy) {
    EXPECT_TRUE(memory.fits());
  }
}

}  // namespace
}  // namespace tileloom::mapper::co_search_test
