#include "tileloom/io/yaml/read_architecture.hpp"

#include <gtest/gtest.h>

namespace tileloom {
namespace {

Architecture shipped(const std::string& name) {
  const Result<Architecture> arch =
      read_architecture(std::string(TILELOOM_SOURCE_DIR) + "/archs/" + name + ".yaml");
  EXPECT_TRUE(arch) << (arch ? "" : to_string(arch.error()));
  return arch.value_or(Architecture{});
}

TEST(ReadArchitecture, unit_has_three_levels_of_1_pJ_and_16_lanes) {
  const Architecture unit = shipped("unit");
  ASSERT_EQ(unit.memories.size(), 3U);
  for (const Memory& memory : unit.memories) {
    EXPECT_EQ(memory.read.value.value, 1.0);
    EXPECT_EQ(memory.write.value.value, 1.0);
    EXPECT_EQ(memory.read.source, kGivenEnergy);
  }
  EXPECT_FALSE(unit.memories[MemoryId{0}].capacity);
  EXPECT_EQ(unit.memories[MemoryId{1}].capacity, Bits{1024 * 8});
  EXPECT_EQ(lanes(unit), 16);
  EXPECT_EQ(instances(unit, MemoryId{2}), 16);
  EXPECT_EQ(unit.axes[AxisId{0}].below, 2U);
}

// Figures: CoSA revision c4798a7 (sizes and instances), Timeloop revision 4cf6d4c (PAT energies per
// scalar: global 2.0955, input 0.5879, weight 0.8895, accumulation 1.5754/8, register 0.4890/64).
TEST(ReadArchitecture, simba_has_1024_macs_and_the_energies_of_the_public_table) {
  const Architecture simba = shipped("simba");
  const auto memory = [&](const char* name) { return *find_memory(simba, name); };
  const auto per_word = [&](const char* name) {
    const Memory& m = simba.memories[memory(name)];
    return m.read.value.value / static_cast<double>(m.block);
  };
  EXPECT_EQ(lanes(simba), 1024);
  EXPECT_EQ(instances(simba, memory("Register")), 1024);
  EXPECT_EQ(instances(simba, memory("AccumulationBuffer")), 128);
  EXPECT_EQ(instances(simba, memory("WeightBuffer")), 128);
  EXPECT_EQ(instances(simba, memory("InputBuffer")), 16);
  EXPECT_EQ(simba.memories[memory("AccumulationBuffer")].capacity, Bits{64 * 24});
  EXPECT_EQ(simba.memories[memory("DRAM")].ports.read, 80.0);
  EXPECT_NEAR(per_word("DRAM"), 100, 1e-12);
  EXPECT_NEAR(per_word("GlobalBuffer"), 2.0955, 5e-5);
  EXPECT_NEAR(per_word("InputBuffer"), 0.5879, 5e-5);
  EXPECT_NEAR(per_word("WeightBuffer"), 0.8895, 1e-4);
  EXPECT_NEAR(per_word("AccumulationBuffer"), 1.5754 / 8, 1e-5);
  EXPECT_NEAR(per_word("Register"), 0.4890 / 64, 1e-6);
  EXPECT_NEAR(simba.compute.mac.value.value, 0.25, 1e-12);
}

}  // namespace
}  // namespace tileloom
