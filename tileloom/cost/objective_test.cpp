#include "tileloom/cost/objective.hpp"

#include <gtest/gtest.h>

namespace tileloom::cost {
namespace {

TEST(Objective, OneMetricOrTwoDifferentOnes) {
  EXPECT_EQ(parse_objective("energy").value(), (Objective{.first = Metric::energy}));
  EXPECT_EQ(parse_objective("latency,edp").value(),
            (Objective{.first = Metric::latency, .second = Metric::edp}));
}

TEST(Objective, TheSameMetricTwiceIsAMistake) {
  for (const std::string metric : {"latency", "energy", "edp"}) {
    const Result<Objective> twice = parse_objective(metric + "," + metric);
    ASSERT_FALSE(twice.has_value());
    EXPECT_EQ(to_string(twice.error()),
              "objective '" + metric + "," + metric + "' names " + metric +
                  " twice: behind the comma stands what decides among equals: another metric, or "
                  "nothing\n");
  }
}

}  // namespace
}  // namespace tileloom::cost
