#include "tileloom/report/tuning/tuned_fusion.hpp"

#include <gtest/gtest.h>

namespace tileloom::report {
namespace {

TEST(TunedFusion, what_is_said_where_simulator_and_model_disagree) {
  TunedFusion report;
  scheduler::BlockChoice choice;
  choice.cores = 4;
  choice.cycles = 1000;
  choice.plan.cores = {1, 1, 4, 1};
  EXPECT_EQ(disagreement(report, choice, 1040), "");
  EXPECT_EQ(disagreement(report, choice, 1100), "simulated +10.0 %: cores are not in step");
  EXPECT_EQ(disagreement(report, choice, 900),
            "simulated -10.0 %: parts at the border are smaller and leave the channels to the "
            "others, and weights arrive while inputs do");
  choice.plan.resident_weights = false;
  report.multicast = true;
  EXPECT_EQ(disagreement(report, choice, 1100),
            "simulated +10.0 %: cores that share the reads of weights go in step, piece by piece, "
            "and wait for the longest part of each");
}

}  // namespace
}  // namespace tileloom::report
