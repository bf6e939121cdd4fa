// The ten architectures of DeFiNES against the figures of its artifact (revision 7097d60).

#include <gtest/gtest.h>

#include <map>

#include "tileloom/io/yaml/find_architecture.hpp"

namespace tileloom {
namespace {

/// One memory as the artifact describes it. Ports are summed; energies are per word of `_word`
/// bits.
struct Figure {
  const char* arch;
  const char* memory;
  std::int64_t size_bits;
  std::int64_t instances;
  std::int64_t granularity_bits;
  double read_bandwidth;
  double write_bandwidth;
  double shared_bandwidth;
  double read_pj;
  double read_word;
  double write_pj;
  double write_word;
};

constexpr Figure kFigures[] = {
    {"meta_prototype", "rf_1B", 8, 64, 8, 8, 8, 0, 0.01, 8, 0.01, 8},
    {"meta_prototype", "rf_2B", 16, 512, 16, 32, 32, 0, 0.02, 16, 0.02, 16},
    {"meta_prototype", "sram_64KB", 524288, 1, 64, 512, 512, 0, 26.56, 512, 30.8, 512},
    {"meta_prototype", "sram_1MB_W", 8388608, 1, 64, 1024, 1024, 0, 208.08, 1024, 189.2, 1024},
    {"meta_prototype", "sram_32KB", 262144, 1, 64, 256, 256, 0, 13.28, 256, 15.4, 256},
    {"meta_prototype", "sram_1MB_A", 8388608, 1, 64, 1024, 1024, 0, 208.08, 1024, 189.2, 1024},
    {"meta_prototype", "dram", 10000000000, 1, 64, 0, 0, 64, 700, 64, 750, 64},
    {"meta_prototype_df", "rf_1B", 8, 64, 8, 8, 8, 0, 0.01, 8, 0.01, 8},
    {"meta_prototype_df", "rf_2B", 16, 512, 16, 32, 32, 0, 0.02, 16, 0.02, 16},
    {"meta_prototype_df", "sram_32KB", 262144, 1, 64, 512, 512, 0, 17.2, 512, 28.4, 512},
    {"meta_prototype_df", "sram_1MB_W", 8388608, 1, 64, 1024, 1024, 0, 208.08, 1024, 189.2, 1024},
    {"meta_prototype_df", "sram_64KB", 524288, 1, 64, 512, 512, 0, 26.56, 512, 30.8, 512},
    {"meta_prototype_df", "sram_1MB_A", 8388608, 1, 64, 1024, 1024, 0, 208.08, 1024, 189.2, 1024},
    {"meta_prototype_df", "dram", 10000000000, 1, 64, 0, 0, 64, 700, 64, 750, 64},
    {"tpu_like", "rf_128B", 1024, 1024, 8, 8, 8, 0, 0.095, 8, 0.095, 8},
    {"tpu_like", "rf_1KB", 16, 32, 16, 32, 32, 0, 0.54, 16, 0.6, 16},
    {"tpu_like", "sram_2MB", 16777216, 1, 64, 2048, 2048, 0, 416.16, 2048, 378.4, 2048},
    {"tpu_like", "dram", 10000000000, 1, 64, 0, 0, 64, 700, 64, 750, 64},
    {"tpu_like_df", "rf_64B", 512, 1024, 8, 8, 8, 0, 0.053, 8, 0.053, 8},
    {"tpu_like_df", "rf_1KB", 16, 32, 16, 32, 32, 0, 0.54, 16, 0.6, 16},
    {"tpu_like_df", "sram_64KB_A", 524288, 1, 64, 2048, 2048, 0, 36.96, 2048, 94.88, 2048},
    {"tpu_like_df", "sram_1MB_W", 8388608, 1, 64, 1024, 1024, 0, 208.08, 1024, 189.2, 1024},
    {"tpu_like_df", "sram_1MB_A", 8388608, 1, 64, 1024, 1024, 0, 208.08, 1024, 189.2, 1024},
    {"tpu_like_df", "dram", 10000000000, 1, 64, 0, 0, 64, 700, 64, 750, 64},
    {"edge_tpu_like", "rf_1B", 8, 64, 8, 8, 8, 0, 0.01, 8, 0.01, 8},
    {"edge_tpu_like", "rf_2B", 16, 128, 16, 32, 32, 0, 0.02, 16, 0.02, 16},
    {"edge_tpu_like", "sram_32KB", 262144, 1, 64, 512, 512, 0, 22.9, 512, 52.01, 512},
    {"edge_tpu_like", "sram_2MB", 16777216, 1, 64, 2048, 2048, 0, 416.16, 2048, 378.4, 2048},
    {"edge_tpu_like", "dram", 10000000000, 1, 64, 0, 0, 64, 700, 64, 750, 64},
    {"edge_tpu_like_df", "rf_1B", 8, 64, 8, 8, 8, 0, 0.01, 8, 0.01, 8},
    {"edge_tpu_like_df", "rf_2B", 16, 128, 16, 32, 32, 0, 0.02, 16, 0.02, 16},
    {"edge_tpu_like_df", "sram_16KB_W", 131072, 1, 64, 512, 512, 0, 19.4, 512, 33.9, 512},
    {"edge_tpu_like_df", "sram_1MB_W", 8388608, 1, 64, 1024, 1024, 0, 208.08, 1024, 189.2, 1024},
    {"edge_tpu_like_df", "sram_16KB_A", 131072, 1, 64, 2048, 2048, 0, 27.2, 2048, 40.32, 2048},
    {"edge_tpu_like_df", "sram_1MB_A", 8388608, 1, 64, 1024, 1024, 0, 208.08, 1024, 189.2, 1024},
    {"edge_tpu_like_df", "dram", 10000000000, 1, 64, 0, 0, 64, 700, 64, 750, 64},
    {"ascend_like", "rf_1B", 8, 256, 8, 8, 8, 0, 0.01, 8, 0.01, 8},
    {"ascend_like", "rf_2B", 16, 64, 16, 32, 32, 0, 0.02, 16, 0.02, 16},
    {"ascend_like", "sram_64KB_W", 65536, 1, 64, 2048, 2048, 0, 50.16, 2048, 108.0, 2048},
    {"ascend_like", "sram_64KB_I", 65536, 1, 64, 512, 512, 0, 26.56, 512, 30.72, 512},
    {"ascend_like", "sram_256KB_O", 2097152, 1, 64, 2048, 2048, 0, 123.2, 2048, 212.8, 2048},
    {"ascend_like", "sram_1MB_W", 8388608, 1, 64, 4096, 4096, 0, 465.6, 4096, 825.6, 4096},
    {"ascend_like", "sram_1MB_A", 8388608, 1, 64, 4096, 4096, 0, 465.6, 4096, 825.6, 4096},
    {"ascend_like", "dram", 10000000000, 1, 64, 0, 0, 64, 700, 64, 750, 64},
    {"ascend_like_df", "rf_1B", 8, 256, 8, 8, 8, 0, 0.01, 8, 0.01, 8},
    {"ascend_like_df", "rf_2B", 16, 64, 16, 32, 32, 0, 0.02, 16, 0.02, 16},
    {"ascend_like_df", "sram_64KB_W", 65536, 1, 64, 2048, 2048, 0, 50.16, 2048, 108.0, 2048},
    {"ascend_like_df", "sram_64KB_I", 65536, 1, 64, 512, 512, 0, 26.56, 512, 30.72, 512},
    {"ascend_like_df", "sram_256KB_O", 2097152, 1, 64, 2048, 2048, 0, 123.2, 2048, 212.8, 2048},
    {"ascend_like_df", "sram_1MB_W", 8388608, 1, 64, 4096, 4096, 0, 465.6, 4096, 825.6, 4096},
    {"ascend_like_df", "sram_1MB_A", 8388608, 1, 64, 4096, 4096, 0, 465.6, 4096, 825.6, 4096},
    {"ascend_like_df", "dram", 10000000000, 1, 64, 0, 0, 64, 700, 64, 750, 64},
    {"tesla_npu_like", "rf_1B", 8, 32, 8, 8, 8, 0, 0.01, 8, 0.01, 8},
    {"tesla_npu_like", "rf_4B", 32, 1024, 16, 32, 32, 0, 0.022, 16, 0.022, 16},
    {"tesla_npu_like", "sram_1KB_I", 8192, 1, 64, 256, 256, 0, 4.78, 256, 5.59, 256},
    {"tesla_npu_like", "sram_1KB_W", 8192, 1, 64, 256, 256, 0, 4.78, 256, 5.59, 256},
    {"tesla_npu_like", "sram_1MB_W", 8388608, 1, 64, 1024, 1024, 0, 208.08, 1024, 189.2, 1024},
    {"tesla_npu_like", "sram_1MB_A", 8388608, 1, 64, 1024, 1024, 0, 208.08, 1024, 189.2, 1024},
    {"tesla_npu_like", "dram", 10000000000, 1, 64, 0, 0, 64, 700, 64, 750, 64},
    {"tesla_npu_like_df", "rf_1B", 8, 32, 8, 8, 8, 0, 0.01, 8, 0.01, 8},
    {"tesla_npu_like_df", "rf_4B", 32, 1024, 16, 32, 32, 0, 0.022, 16, 0.022, 16},
    {"tesla_npu_like_df", "sram_1KB_I", 8192, 1, 64, 256, 256, 0, 4.78, 256, 5.59, 256},
    {"tesla_npu_like_df", "sram_1KB_W", 8192, 1, 64, 256, 256, 0, 4.78, 256, 5.59, 256},
    {"tesla_npu_like_df", "sram_64KB_W", 1048576, 1, 64, 1024, 1024, 0, 34.4, 1024, 56.56, 1024},
    {"tesla_npu_like_df", "sram_64KB_A", 1048576, 1, 64, 1024, 1024, 0, 34.4, 1024, 56.56, 1024},
    {"tesla_npu_like_df", "sram_1MB_W", 8388608, 1, 64, 1024, 1024, 0, 208.08, 1024, 189.2, 1024},
    {"tesla_npu_like_df", "sram_896KB_A", 7340032, 1, 64, 896, 896, 0, 182.07, 896, 189.2, 896},
    {"tesla_npu_like_df", "dram", 10000000000, 1, 64, 0, 0, 64, 700, 64, 750, 64},
};

TEST(DefinesArchitectures, sizes_instances_bandwidths_and_energies_equal_the_artifact) {
  std::map<std::string, std::size_t> memories;
  for (const Figure& figure : kFigures) {
    SCOPED_TRACE(std::string(figure.arch) + " " + figure.memory);
    const Result<Architecture> arch = load_architecture(figure.arch);
    ASSERT_TRUE(arch) << to_string(arch.error());
    const std::optional<MemoryId> id = find_memory(*arch, figure.memory);
    ASSERT_TRUE(id);
    const Memory& memory = arch->memories[*id];
    EXPECT_EQ(memory.capacity, Bits{figure.size_bits});
    EXPECT_EQ(instances(*arch, *id), figure.instances);
    EXPECT_EQ(memory.word.value * memory.block, figure.granularity_bits);
    EXPECT_EQ(memory.ports.read.value_or(0), figure.read_bandwidth);
    EXPECT_EQ(memory.ports.write.value_or(0), figure.write_bandwidth);
    EXPECT_EQ(memory.ports.shared.value_or(0), figure.shared_bandwidth);
    const double block = static_cast<double>(figure.granularity_bits);
    EXPECT_DOUBLE_EQ(memory.read.value.value, figure.read_pj * block / figure.read_word);
    EXPECT_DOUBLE_EQ(memory.write.value.value, figure.write_pj * block / figure.write_word);
    EXPECT_EQ(lanes(*arch), 1024);
    EXPECT_EQ(arch->compute.mac.value.value, 0.04);
    ++memories[figure.arch];
  }
  EXPECT_EQ(memories.size(), 10U);
  for (const auto& [name, count] : memories) {
    EXPECT_EQ(load_architecture(name)->memories.size(), count) << name;
  }
}

TEST(DefinesArchitectures, activations_pass_the_levels_of_the_artifact_in_order) {
  // Meta_prototype_DF: inputs dram, sram_1MB_A, sram_64KB; weights dram, sram_1MB_W, sram_32KB,
  // rf_1B; outputs dram, sram_1MB_A, sram_64KB, rf_2B.
  const Result<Architecture> meta = load_architecture("meta_prototype_df");
  ASSERT_TRUE(meta) << to_string(meta.error());
  const auto levels = [&](Role role) {
    std::vector<std::string> names;
    for (const Memory& memory : meta->memories) {
      if (memory.holds[static_cast<std::size_t>(role)]) names.push_back(memory.name);
    }
    return names;
  };
  using Names = std::vector<std::string>;
  EXPECT_EQ(levels(Role::input), (Names{"dram", "sram_1MB_A", "sram_64KB"}));
  EXPECT_EQ(levels(Role::weight), (Names{"dram", "sram_1MB_W", "sram_32KB", "rf_1B"}));
  EXPECT_EQ(levels(Role::output), (Names{"dram", "sram_1MB_A", "sram_64KB", "rf_2B"}));
}

}  // namespace
}  // namespace tileloom
