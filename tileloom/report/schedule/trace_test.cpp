#include "tileloom/report/schedule/trace.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tileloom/report/schedule/example_schedule_test.hpp"

namespace tileloom::report {
namespace {

using Json = nlohmann::ordered_json;

/// Events of one phase on one track (0 = any), "name ts dur" each; counters "name ts value".
std::vector<std::string> events(const std::string& phase, int track, const std::string& name = "") {
  const Example small = example();
  const Json document = Json::parse(schedule_trace(small.workload, small.arch, small.schedule));
  std::vector<std::string> found;
  for (const Json& event : document["traceEvents"]) {
    if (event["ph"] != phase || (track != 0 && event.value("tid", 0) != track)) continue;
    if (!name.empty() && event["name"] != name) continue;
    std::string text = event["name"].get<std::string>();
    if (event.contains("ts")) text += " " + event["ts"].dump();
    if (event.contains("dur")) text += " " + event["dur"].dump();
    if (phase == "C") text += " " + event["args"].begin().value().dump();
    if (phase == "M") text += " " + event["args"].begin().value().dump();
    found.push_back(text);
  }
  return found;
}

using Lines = std::vector<std::string>;

// 20, 20 and 256 cycles of 1 ns, in microseconds.
TEST(Trace, LayersFollowEachOtherOnTheClock) {
  EXPECT_EQ(events("X", 1), (Lines{"fc1 0.0 0.02", "fc2 0.02 0.02", "wide 0.04 0.256"}));
}

TEST(Trace, ComputeAndPortsShowHowLongTheyAreBusy) {
  EXPECT_EQ(events("X", 2), (Lines{"fc1 0.0 0.008", "fc2 0.02 0.008", "wide 0.04 0.256"}));
  EXPECT_EQ(events("M", 3, "thread_name"), (Lines{"thread_name \"DRAM read port\""}));
  EXPECT_EQ(events("X", 3), (Lines{"fc1 0.0 0.02", "fc2 0.02 0.02", "wide 0.04 0.152"}));
  EXPECT_EQ(events("M", 4, "thread_name"), (Lines{"thread_name \"DRAM write port\""}));
}

// 4680 pJ in 20 ns are 234 mW; 41424 pJ in 256 ns are 161.8125 mW.
TEST(Trace, CountersGivePowerAndTheEnergySoFar) {
  EXPECT_EQ(events("C", 0, "power [mW]"),
            (Lines{"power [mW] 0.0 234.0", "power [mW] 0.02 234.0", "power [mW] 0.04 161.8125",
                   "power [mW] 0.296 0"}));
  const Lines energy = events("C", 0, "energy [uJ]");
  ASSERT_EQ(energy.size(), 4U);
  EXPECT_EQ(energy.front(), "energy [uJ] 0.0 0.0");
  EXPECT_EQ(energy.back().substr(0, 24), "energy [uJ] 0.296 0.0507");
}

TEST(Trace, OccupancyIsThatOfOneInstanceInBytes) {
  EXPECT_EQ(events("C", 0, "Buffer occupancy [B]").front(), "Buffer occupancy [B] 0.0 52.0");
}

TEST(Trace, ALayerWithoutAMappingIsAMark) { EXPECT_EQ(events("i", 1), (Lines{"huge 0.296"})); }

}  // namespace
}  // namespace tileloom::report
