#include "tileloom/arch/energy_table.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace tileloom {
namespace {

constexpr std::int64_t kKiB = 8192;  // bits

TableEnergy found(const EnergyQuery& query) {
  const auto energy = look_up(query);
  EXPECT_TRUE(energy) << (energy ? "" : energy.error().what);
  return energy.value_or(TableEnergy{});
}

TEST(EnergyTable, a_published_size_has_its_published_energy_per_width) {
  // Horowitz: 20 pJ for 64 bits of a 32 KiB cache, so 10 pJ for 32 bits.
  const TableEnergy energy = found({"45nm", EnergyKind::sram, Bits{32 * kKiB}, Bits{32}});
  EXPECT_DOUBLE_EQ(energy.read.value, 10);
  EXPECT_DOUBLE_EQ(energy.write.value, 10);
  EXPECT_EQ(energy.source, "M. Horowitz, 'Computing's energy problem', ISSCC 2014, 45 nm at 0.9 V");
}

TEST(EnergyTable, sizes_between_are_interpolated_on_log_log_paper_and_say_so) {
  // 16 KiB lies half way between 8 KiB (10 pJ) and 32 KiB (20 pJ): sqrt(10 * 20) = 14.142 pJ.
  const TableEnergy energy = found({"45nm", EnergyKind::sram, Bits{16 * kKiB}, Bits{64}});
  EXPECT_NEAR(energy.read.value, 14.142135623730951, 1e-12);
  EXPECT_NE(energy.source.find("; interpolated between 8 KiB and 32 KiB"), std::string::npos);
}

TEST(EnergyTable, sizes_outside_the_published_range_have_no_energy) {
  EXPECT_FALSE(look_up({"45nm", EnergyKind::sram, Bits{4 * kKiB}, Bits{64}}));
  EXPECT_FALSE(look_up({"45nm", EnergyKind::sram, Bits{2048 * kKiB}, Bits{64}}));
}

TEST(EnergyTable, reads_and_writes_may_differ) {
  // DeFiNES: 700 pJ to read and 750 pJ to write 64 bits of DRAM.
  const TableEnergy energy = found({"defines2022", EnergyKind::dram, {}, Bits{128}});
  EXPECT_DOUBLE_EQ(energy.read.value, 1400);
  EXPECT_DOUBLE_EQ(energy.write.value, 1500);
}

TEST(EnergyTable, pat_is_the_formula_of_timeloop) {
  // (5/99.5 * (16 - 0.5) + 1) * 64/16 = 7.1156 pJ for a 16 KiB array read 64 bits wide.
  EXPECT_NEAR(found({"pat", EnergyKind::sram, Bits{16 * kKiB}, Bits{64}}).read.value, 7.11557789,
              1e-8);
  EXPECT_DOUBLE_EQ(found({"pat", EnergyKind::dram, {}, Bits{512}}).read.value, 6400);
  EXPECT_DOUBLE_EQ(found({"pat", EnergyKind::mac, Bits{8}, {}}).read.value, 0.25);
}

TEST(EnergyTable, eyeriss_is_relative_to_its_multiply_accumulate) {
  EXPECT_EQ(found({"eyeriss2016", EnergyKind::mac, Bits{16}, {}}).read.value, 1);
  EXPECT_EQ(found({"eyeriss2016", EnergyKind::dram, {}, Bits{16}}).read.value, 200);
  EXPECT_EQ(found({"eyeriss2016", EnergyKind::sram, Bits{100 * kKiB}, Bits{16}}).read.value, 6);
}

TEST(EnergyTable, every_entry_has_a_source_and_a_known_technology) {
  for (const TableEntry& entry : energy_table()) {
    EXPECT_FALSE(entry.source.empty());
    EXPECT_GT(entry.read_pj, 0);
    EXPECT_GT(entry.write_pj, 0);
    EXPECT_NE(std::find(technologies().begin(), technologies().end(), entry.technology),
              technologies().end());
  }
}

}  // namespace
}  // namespace tileloom
