#include <gtest/gtest.h>

#include <limits>

#include "tileloom/arch/flaw.hpp"

namespace tileloom {
namespace {

/// DRAM, an axis of 4, a buffer in each of its positions.
Architecture machine() {
  Architecture arch;
  arch.name = "test";
  arch.memories.push_back({.name = "DRAM"});
  arch.memories.push_back({.name = "Buffer", .capacity = Bits{1024}});
  arch.axes.push_back({.name = "x", .size = 4, .below = 1});
  return arch;
}

std::vector<std::string> sentences(const Architecture& arch) {
  std::vector<std::string> all;
  for (const Flaw& flaw : flaws(arch)) all.push_back(flaw.what);
  return all;
}
using Sentences = std::vector<std::string>;

TEST(CheckArchitecture, a_sound_machine_has_no_flaws) {
  EXPECT_TRUE(check(machine()).empty());
  EXPECT_EQ(instances(machine(), MemoryId{1}), 4);
}

TEST(CheckArchitecture, a_diagnostic_carries_the_place_it_is_given) {
  Architecture arch = machine();
  arch.axes[AxisId{0}].size = 0;
  EXPECT_EQ(check(arch, {"a.yaml", 3, 1}),
            (Diagnostics{{{"a.yaml", 3, 1}, "axis 'x' has size 0", "it must be at least 1"}}));
}

TEST(CheckArchitecture, an_empty_machine_has_no_memory) {
  EXPECT_EQ(sentences(Architecture{}), Sentences{"the machine has no memory"});
}

TEST(CheckArchitecture, every_flaw_is_found_not_only_the_first) {
  Architecture arch = machine();
  arch.memories[MemoryId{1}].name = "DRAM";
  arch.memories[MemoryId{1}].capacity = Bits{0};
  arch.axes[AxisId{0}].size = -1;
  arch.compute.cycles_per_operation = 0;
  EXPECT_EQ(sentences(arch),
            (Sentences{"two memories have the name 'DRAM'", "memory 'DRAM' has size 0",
                       "axis 'x' has size -1", "the compute unit takes no cycles per operation"}));
}

TEST(CheckArchitecture, energies_and_bandwidths_must_be_numbers_that_mean_something) {
  Architecture arch = machine();
  arch.memories[MemoryId{0}].read.value = {-1};
  arch.memories[MemoryId{0}].ports.read = 0;
  arch.compute.mac.value = {std::numeric_limits<double>::quiet_NaN()};
  EXPECT_EQ(sentences(arch),
            (Sentences{"memory 'DRAM' has a bandwidth of 0", "memory 'DRAM' has a negative energy",
                       "the compute unit has a negative energy"}));
}

TEST(CheckArchitecture, an_axis_may_not_stand_outside_one_that_it_follows) {
  Architecture arch = machine();
  arch.axes.push_back({.name = "y", .size = 2, .below = 0});
  EXPECT_EQ(sentences(arch), Sentences{"axis 'y' stands out of order"});
}

TEST(CheckArchitecture, memories_of_one_role_are_nested) {
  Architecture arch = machine();
  arch.memories.push_back({.name = "Inner", .shared_along = {AxisId{0}}});
  EXPECT_EQ(sentences(arch),
            Sentences{"'Inner' is shared along 'x' although 'Buffer' outside it is not"});
  arch.memories[MemoryId{1}].holds = {true, false, false};
  arch.memories[MemoryId{2}].holds = {false, true, true};
  EXPECT_TRUE(check(arch).empty()) << "different roles need no nesting";
}

TEST(CheckArchitecture, lanes_must_fit_into_64_bits) {
  Architecture arch = machine();
  for (const char* name : {"a", "b", "c"}) {
    arch.axes.push_back({.name = name, .size = std::int64_t{1} << 30, .below = 2});
  }
  EXPECT_EQ(sentences(arch), Sentences{"the product of all axes does not fit into 64 bits"});
}

}  // namespace
}  // namespace tileloom
