#include "tileloom/io/yaml/find_architecture.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace tileloom {
namespace {

TEST(FindArchitecture, every_shipped_architecture_reads_and_is_named_after_its_file) {
  const std::vector<std::string> names = architecture_names(shipped_architecture_folders());
  EXPECT_TRUE(std::ranges::find(names, "simba") != names.end());
  for (const std::string& name : names) {
    const Result<Architecture> arch = load_architecture(name);
    ASSERT_TRUE(arch) << to_string(arch.error());
    EXPECT_EQ(arch->name, name);
    EXPECT_GT(arch->source.size(), 20U) << name << " must say where its figures come from";
  }
}

TEST(FindArchitecture, an_unknown_name_gets_the_nearest_one) {
  const Result<Architecture> arch = load_architecture("simbaa");
  ASSERT_FALSE(arch);
  EXPECT_EQ(to_string(arch.error()), "unknown architecture 'simbaa': did you mean 'simba'?\n");
}

TEST(FindArchitecture, a_path_is_taken_as_it_is) {
  const std::vector<std::string> folders = {"nowhere"};
  EXPECT_EQ(find_architecture("my/machine.yaml", folders), std::string("my/machine.yaml"));
  EXPECT_EQ(find_architecture("machine.yaml", folders), std::string("machine.yaml"));
}

// JSSC 2017: 168 PEs; 480 MB/s at 200 MHz = 19.2 bit/cycle; DRAM 200, buffer 6 per 16-bit word.
TEST(FindArchitecture, eyeriss_has_168_pes_and_the_relative_costs_of_its_paper) {
  const Result<Architecture> eyeriss = load_architecture("eyeriss");
  ASSERT_TRUE(eyeriss) << to_string(eyeriss.error());
  EXPECT_EQ(lanes(*eyeriss), 168);
  const auto& memories = eyeriss->memories;
  EXPECT_DOUBLE_EQ(*memories[MemoryId{0}].ports.shared, 19.2);
  EXPECT_EQ(memories[MemoryId{0}].read.value.value, 200);
  EXPECT_EQ(memories[MemoryId{1}].read.value.value, 4 * 6);  // a block is 4 words
  EXPECT_EQ(memories[MemoryId{2}].capacity, Bits{224 * 16});
  EXPECT_EQ(memories[MemoryId{2}].read.value.value, 1);
  EXPECT_EQ(eyeriss->compute.mac.value.value, 1);
  // One inter-PE transfer of 2 per 16-bit word, half of it for each axis.
  EXPECT_EQ(eyeriss->axes[AxisId{0}].hop.value.value, 1.0 / 16);
  EXPECT_EQ(eyeriss->axes[AxisId{1}].hop.value.value, 1.0 / 16);
}

}  // namespace
}  // namespace tileloom
