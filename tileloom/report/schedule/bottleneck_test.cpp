#include "tileloom/report/schedule/bottleneck.hpp"

#include <gtest/gtest.h>

#include "tileloom/report/schedule/example_schedule_test.hpp"

namespace tileloom::report {
namespace {

using Sentences = std::vector<std::string>;

Bottleneck of_layer(const Example& example, std::size_t layer) {
  const scheduler::Layer& one = example.schedule.layers[layer];
  return bottleneck(example.workload, one.op, example.arch, one.result.tree->path,
                    *one.result.evaluation);
}

/// fc1 with other times of its ports and compute.
Bottleneck with_times(std::int64_t compute, std::int64_t read, std::int64_t write) {
  Example small = example();
  cost::Latency& latency = small.schedule.layers[0].result.evaluation->latency;
  latency.compute = {compute};
  latency.total = {std::max({compute, read, write})};
  latency.ports = {{MemoryId{0}, cost::PortKind::read, 320, {read}},
                   {MemoryId{0}, cost::PortKind::write, 32, {write}}};
  latency.bound_by_port = std::nullopt;
  if (read > compute) latency.bound_by_port = 0;
  return of_layer(small, 0);
}

// 20 cycles of the read port against 8 of compute; 32·8 of its 320 bits are W.
TEST(Bottleneck, APortIsRelievedByTheBandwidthThatReachesCompute) {
  const Bottleneck found = of_layer(example(), 0);
  EXPECT_EQ(found.bound, "DRAM read port");
  EXPECT_EQ(found.memory, MemoryId{0});
  EXPECT_EQ(found.relief,
            (Sentences{"2.5x more DRAM read bandwidth (16 to 40 bits per cycle) makes it "
                       "compute-bound",
                       "W.fc1 is 80.0 % of the bits through it, every element passing once: only "
                       "fewer bits per element reduce that"}));
}

TEST(Bottleneck, APortThatAnotherOneFollowsSaysWhichComesNext) {
  EXPECT_EQ(with_times(8, 24, 16).relief.front(),
            "1.5x more DRAM read bandwidth (16 to 24 bits per cycle), then the DRAM write port "
            "binds; compute-bound from 3.0x more");
  EXPECT_EQ(with_times(8, 24, 24).relief.front(),
            "DRAM read bandwidth and DRAM write bandwidth bind together: compute-bound from 3.0x "
            "more of both");
}

TEST(Bottleneck, AnIntermediateTensorThatPassesOnceCouldStayInsideByFusion) {
  Example small = example();
  small.workload.tensors[TensorId{1}].kind = TensorKind::intermediate;
  EXPECT_EQ(of_layer(small, 0).relief.back(),
            "W.fc1 is 80.0 % of the bits through it, every element passing once: only fewer bits "
            "per element or fusion with the neighbouring layer reduce that");
}

// K = 3 on four lanes; the read port takes 152 of 256 cycles.
TEST(Bottleneck, ComputeNamesTheIdleLanesAndTheNextLimit) {
  const Bottleneck found = of_layer(example(), 2);
  EXPECT_EQ(found.bound, "compute");
  EXPECT_EQ(found.memory, std::nullopt);
  EXPECT_EQ(found.relief,
            (Sentences{"25.0 % of the lanes idle because K=3 fills 3 of 4 positions of pe",
                       "next limit: DRAM read port, busy 59.4 % of the time"}));
}

TEST(Bottleneck, FullLanesAreOnlyRelievedByMoreOfThem) {
  EXPECT_EQ(with_times(8, 0, 0).relief,
            (Sentences{"all lanes work in every step: only more lanes help"}));
}

// 32 points in 10 steps of 4 lanes: 8 of 40 are lost.
TEST(Bottleneck, PartialTilesAreNamedAsLost) {
  Example small = example();
  cost::Evaluation& fc1 = *small.schedule.layers[0].result.evaluation;
  fc1.latency = {.total = {10}, .compute = {10}, .ports = {}, .bound_by_port = std::nullopt};
  fc1.counts.steps = 10;
  EXPECT_EQ(of_layer(small, 0).relief,
            (Sentences{"20.0 % of the steps of the lanes in use are lost to partial tiles"}));
}

// 20 cycles of the port in 25: 5 are spent otherwise.
TEST(Bottleneck, TimeBeyondComputeAndPortsIsNamed) {
  Example small = example();
  small.schedule.layers[0].result.evaluation->latency.total = {25};
  EXPECT_EQ(of_layer(small, 0).relief.back(),
            "20.0 % of the time is the first fill, the last drain and waiting between tiles: "
            "double buffering or larger tiles would reduce that");
}

TEST(Bottleneck, AnAxisWithoutALoopIsIdleButForOneLane) {
  Example small = example();
  mapper::MapResult& result = small.schedule.layers[2].result;
  for (PathNode& node : result.tree->path) {
    if (Loop* loop = std::get_if<Loop>(&node)) loop->axis = std::nullopt;
  }
  EXPECT_EQ(of_layer(small, 2).relief.front(),
            "75.0 % of the lanes idle because no loop runs on pe, size 4");
}

// 4 passes of W: 32 elements of 8 bits once are 256 bits, 1024 go through.
TEST(Bottleneck, ATensorThatPassesOftenIsToBeKeptInside) {
  Example small = example();
  mapper::MapResult& result = small.schedule.layers[0].result;
  result.evaluation->counts.stores[1].reads = 128;
  EXPECT_EQ(of_layer(small, 0).relief.back(),
            "W.fc1 is 94.1 % of the bits through it, every element passing 4.0x: keeping more of "
            "it in the memories inside would reduce that");
}

}  // namespace
}  // namespace tileloom::report
