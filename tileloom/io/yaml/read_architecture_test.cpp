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

// CoSA revision c4798a7, energies per scalar of its example.
TEST(ReadArchitecture, simba_with_the_energies_of_cosa_differs_from_simba_in_energies_only) {
  Architecture simba = shipped("simba");
  const Architecture cosa = shipped("simba_cosa_energies");
  const std::vector<double> expected = {8, 0.0814, 0.6515, 0.6515, 0.0815, 3.5e-5};
  for (const MemoryId id : ids<MemoryId>(simba.memories.size())) {
    const Memory& memory = cosa.memories[id];
    EXPECT_DOUBLE_EQ(memory.read.value.value / static_cast<double>(memory.block),
                     expected[index(id)]);
    simba.memories[id].read = memory.read;
    simba.memories[id].write = memory.write;
  }
  simba.compute.mac = simba.compute.other = cosa.compute.mac;
  simba.name = cosa.name;
  simba.source = cosa.source;
  EXPECT_EQ(simba, cosa);
}

TEST(ReadArchitecture, simba_large_has_64_pes_and_4096_macs) {
  const Architecture large = shipped("simba_large");
  EXPECT_EQ(lanes(large), 4096);
  EXPECT_EQ(instances(large, *find_memory(large, "WeightBuffer")), 512);
}

// 32 cores x 1024 lanes / 1.024 cycles x 2 operations x 1 GHz = 64 TFLOPS; 102.4 B/cycle.
TEST(ReadArchitecture, mlu100_has_32_cores_and_64_teraflops) {
  const Architecture mlu = shipped("mlu100");
  EXPECT_TRUE(mlu.axes[AxisId{0}].core);
  EXPECT_EQ(mlu.axes[AxisId{0}].size, 32);
  EXPECT_DOUBLE_EQ(
      static_cast<double>(lanes(mlu)) / mlu.compute.cycles_per_operation * 2 * mlu.clock_hz, 64e12);
  EXPECT_DOUBLE_EQ(*mlu.memories[MemoryId{0}].ports.shared, 8 * 102.4);
  EXPECT_EQ(instances(mlu, MemoryId{1}), 32);
}

// 2 x 65536 MACs x 700 MHz = 91.75 TOPS, the paper's 92.
TEST(ReadArchitecture, tpu_v1_has_92_tera_operations_per_second_and_4_MiB_of_accumulators) {
  const Architecture tpu = shipped("tpu_v1");
  EXPECT_NEAR(2 * static_cast<double>(lanes(tpu)) * tpu.clock_hz, 92e12, 0.3e12);
  const MemoryId accumulator = *find_memory(tpu, "Accumulator");
  EXPECT_EQ(tpu.memories[accumulator].capacity->value * instances(tpu, accumulator),
            std::int64_t{4} * 1024 * 1024 * 8);
}

// 256 MACs per cycle at 100 MHz = 25.6 GMAC/s; 2048 INP entries of 16 B; one entry of 16 B written
// in 3 cycles.
TEST(ReadArchitecture, vta_has_256_macs_and_buffers_of_2048_1024_and_2048_entries) {
  const Architecture vta = shipped("vta");
  EXPECT_EQ(lanes(vta), 256);
  const auto entries = [&](const char* name) {
    const Memory& memory = vta.memories[*find_memory(vta, name)];
    return memory.capacity->value / (memory.word.value * memory.block);
  };
  EXPECT_EQ(entries("InputBuffer"), 2048);
  EXPECT_EQ(entries("WeightBuffer"), 1024);
  EXPECT_EQ(entries("Accumulator"), 2048);
  EXPECT_DOUBLE_EQ(*vta.memories[MemoryId{0}].ports.write, 16 * 8 / 3.0);
}

TEST(ReadArchitecture, nvdla_has_2048_macs_and_a_weight_shadow_in_each) {
  const Architecture nvdla = shipped("nvdla");
  EXPECT_EQ(lanes(nvdla), 2048);
  const MemoryId weights = *find_memory(nvdla, "WeightRegister");
  EXPECT_EQ(instances(nvdla, weights), 2048);
  EXPECT_TRUE(nvdla.memories[weights].double_buffered);
  EXPECT_EQ(instances(nvdla, *find_memory(nvdla, "Accumulator")), 32);
}

}  // namespace
}  // namespace tileloom
