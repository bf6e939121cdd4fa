// Figures printed by Timeloop 4cf6d4c (2025) for 26 of its mappings, up to four settings each.
// Counts, tiles, partitions, cycles and records must be equal; energies within 1e-6.

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "tileloom/driver/validate.hpp"

namespace {

using namespace tileloom;

TEST(Timeloop, EveryFigureOfTheCarriedReferenceAgrees) {
  const auto report =
      driver::validate(std::string(TILELOOM_SOURCE_DIR) + "/tests/papers/timeloop/reference.json");
  ASSERT_TRUE(report) << to_string(report.error());
  EXPECT_EQ(report->cases, 26);
  EXPECT_EQ(report->disagreements, 0) << report::validation_table(*report);
  std::set<std::string> compared;
  for (const report::QuantityAgreement& quantity : report->quantities) {
    EXPECT_GT(quantity.compared, 0);
    compared.insert(quantity.quantity);
  }
  for (const char* needed :
       {"cycles", "energy_total_pJ_from_counts", "levels.cycles", "levels.throttling",
        "levels.dataspaces.tile_size", "levels.dataspaces.partition_size",
        "levels.dataspaces.reads", "levels.dataspaces.fills", "levels.dataspaces.updates",
        "levels.dataspaces.temporal_reductions", "levels.dataspaces.network.records.accesses",
        "levels.dataspaces.network.link_transfers", "levels.dataspaces.network.spatial_reductions",
        "levels.dataspaces.network.energy_pJ"})
    EXPECT_TRUE(compared.contains(needed)) << needed;
}

}  // namespace
