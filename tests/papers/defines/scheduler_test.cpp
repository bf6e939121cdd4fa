// The DeFiNES artifact (HPCA 2023, revision 7097d60): full runs, all automatic stack partitions and
// case study 1. Energies to 1e-9, everything else equal.

#include <gtest/gtest.h>

#include <string>

#include "tileloom/driver/validate.hpp"
#include "tileloom/io/zigzag/read_machine.hpp"
#include "tileloom/io/zigzag/read_network.hpp"
#include "tileloom/scheduler/defines/exploration.hpp"

namespace {

using namespace tileloom;
using namespace tileloom::scheduler::defines;

report::ValidationReport validated(const char* file) {
  const auto report =
      driver::validate(std::string(TILELOOM_SOURCE_DIR) + "/tests/papers/defines/" + file);
  EXPECT_TRUE(report) << (report ? "" : to_string(report.error()));
  return report.value_or(report::ValidationReport{});
}

TEST(Defines, TwentyRunsAgreeInTotalsDecisionsAndCopies) {
  const report::ValidationReport report = validated("runs.json");
  EXPECT_EQ(report.results, 20);
  EXPECT_EQ(report.disagreements, 0) << report::validation_table(report);
}

TEST(Defines, AllFiftyAutomaticPartitionsAgree) {
  const report::ValidationReport report = validated("stack_cuts.json");
  EXPECT_EQ(report.cases, 50);
  EXPECT_EQ(report.disagreements, 0) << report::validation_table(report);
}

TEST(Defines, CaseStudy1AgreesAtEveryPublishedPoint) {
  const report::ValidationReport report = validated("case_study_1.json");
  EXPECT_EQ(report.cases, 3);
  EXPECT_EQ(report.disagreements, 0) << report::validation_table(report);
}

TEST(Defines, FusingBeatsLayerByLayerTenfoldOnFsrcnn) {
  // The abstract's "up to 10x": 4x72 fully cached, 1.814 mJ, against 20.27 mJ at lpf 6.
  const Exploration exploration(io::zigzag::load_network("fsrcnn").value(),
                                io::zigzag::load_machine("Meta_prototype_DF").value(),
                                {.repairs = as_published()});
  const auto fused = exploration.evaluate({Mode::fully_cached, {4, 72}});
  const auto apart = exploration.evaluate({Mode::fully_recompute, {960, 540}});
  ASSERT_TRUE(fused && apart);
  EXPECT_NEAR(apart->totals.energy.value / fused->totals.energy.value, 11.17, 0.01);
}

}  // namespace
