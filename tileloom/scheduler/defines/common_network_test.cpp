// Common workloads and architectures as DeFiNES sees them, by hand.

#include "tileloom/scheduler/defines/common_network.hpp"

#include <gtest/gtest.h>

#include "tileloom/scheduler/defines/common_machine.hpp"
#include "tileloom/scheduler/defines/graph.hpp"
#include "tileloom/scheduler/defines/tiles.hpp"
#include "tileloom/workload/make.hpp"

namespace tileloom::scheduler::defines {
namespace {

using cost::defines2022::Dim;
using cost::defines2022::Machine;
using cost::defines2022::MemoryIndex;
using cost::defines2022::MemoryOperand;

/// DRAM, a buffer of 64 bytes, 4 lanes "k" and 2 lanes "ox", and a register of a byte per lane for
/// weights that the "ox" lanes share.
Architecture toy() {
  Architecture arch;
  arch.name = "toy";
  const auto memory = [&](const char* name, std::optional<Bits> size, double bandwidth) {
    tileloom::Memory made{.name = name, .capacity = size};
    made.ports.shared = bandwidth;
    made.read.value = made.write.value = {2};
    arch.memories.push_back(made);
  };
  memory("DRAM", std::nullopt, 16);
  memory("Buffer", Bits{512}, 32);
  memory("Reg", Bits{8}, 8);
  arch.memories[MemoryId{2}].holds = {false, true, false};
  arch.memories[MemoryId{2}].shared_along = {AxisId{1}};
  arch.axes = {{.name = "k", .size = 4, .below = 2}, {.name = "ox", .size = 2, .below = 2}};
  return arch;
}

/// in 1×1×8×8 → 3×3 padded, 6 channels → 3×3 padded, 4 channels; then a sum over all of it.
Workload two_padded_convolutions() {
  Workload workload;
  workload.name = "two";
  const auto tensor = [&](std::vector<std::int64_t> shape, TensorKind kind) {
    return workload.tensors.push_back(
        {"t" + std::to_string(workload.tensors.size()), std::move(shape), 8, kind});
  };
  const ConvAxis axis{.output = 8, .filter = 3, .pad_before = 1, .input = 8};
  const TensorId in = tensor({1, 1, 8, 8}, TensorKind::input);
  const TensorId first = tensor({6, 1, 3, 3}, TensorKind::constant);
  const TensorId middle = tensor({1, 6, 8, 8}, TensorKind::intermediate);
  const TensorId second = tensor({4, 6, 3, 3}, TensorKind::constant);
  const TensorId out = tensor({1, 4, 8, 8}, TensorKind::output);
  workload.operators.push_back(make_conv(
      "a", {.in_channels = 1, .out_channels = 6, .axes = {axis, axis}}, {}, in, first, middle));
  workload.operators.push_back(make_conv(
      "b", {.in_channels = 6, .out_channels = 4, .axes = {axis, axis}}, {}, middle, second, out));
  return workload;
}

TEST(CommonMachine, WordsAreAsWideAsThePortAndEnergiesScaleWithThem) {
  const Machine machine = machine_of(toy()).value();
  ASSERT_EQ(machine.memories.size(), 3u);
  const auto& reg = machine.memories[MemoryIndex{0}];
  EXPECT_EQ(reg.name, "Reg");  // innermost first
  EXPECT_EQ(reg.level[MemoryOperand::I2], 0);
  EXPECT_FALSE(reg.level[MemoryOperand::O]);
  EXPECT_EQ(reg.instances, 4);  // the two ox lanes share one
  EXPECT_EQ(reg.served_dims, std::vector<std::string>{"ox"});
  const auto& dram = machine.memories[MemoryIndex{2}];
  EXPECT_EQ(dram.read_width, Bits{16});
  EXPECT_EQ(dram.read_energy.value, 4);  // 2 pJ per 8-bit word, 2 words wide
  EXPECT_EQ(dram.level[MemoryOperand::I2], 2);
  EXPECT_EQ(dram.level[MemoryOperand::O], 1);
}

TEST(CommonMachine, AnOutermostMemoryThatLacksAnOperandIsAMistake) {
  Architecture arch = toy();
  arch.memories[MemoryId{0}].holds = {true, false, true};
  const auto machine = machine_of(arch);
  ASSERT_FALSE(machine);
  EXPECT_EQ(to_string(machine.error()),
            "the outermost memory of 'toy', 'DRAM', does not hold weights: stacks of DeFiNES meet "
            "in one memory that holds everything\n");
}

TEST(CommonNetwork, PaddedMapsDoNotGrow) {
  const Machine machine = machine_of(toy()).value();
  const CommonNetwork found = networks_of(two_padded_convolutions(), machine, toy().axes);
  ASSERT_EQ(found.segments.size(), 1u);
  EXPECT_TRUE(found.unfit.empty());
  const Graph graph = graph_of(found.segments[0].network);
  ASSERT_EQ(graph.nodes.size(), 3u);
  for (const Node& node : graph.nodes) EXPECT_EQ(node.full, (Extent{8, 8}));
  // A tile of 2x4 reads a halo of one on each side; one of 7x4 reads 9 columns, of which 8 exist.
  EXPECT_EQ(back(graph, {2, 4}, false, false)[NodeId{1}], (Extent{4, 6}));
  EXPECT_EQ(back(graph, {7, 4}, false, false)[NodeId{1}], (Extent{8, 6}));
}

TEST(CommonNetwork, LanesRunWhatTheirMemoriesCanHold) {
  const Machine machine = machine_of(toy()).value();
  const CommonNetwork found = networks_of(two_padded_convolutions(), machine, toy().axes);
  const auto& unrolled = found.segments[0].network.spatial_mappings.at("toy");
  // K = 4 fills lanes k. Lanes ox share a weight, so they run positions, not channels.
  const cost::defines2022::SpatialMapping expected{{"k", Dim::K, 4}, {"ox", Dim::OX, 2}};
  EXPECT_EQ(unrolled[cost::defines2022::LayerIndex{2}], expected);
}

TEST(CommonNetwork, WhatIsUsedOutsideEndsAPart) {
  Workload workload = two_padded_convolutions();
  workload.tensors[TensorId{2}].kind = TensorKind::output;
  const CommonNetwork found =
      networks_of(workload, machine_of(toy()).value(), toy().axes);
  ASSERT_EQ(found.segments.size(), 2u);
  EXPECT_EQ(found.segments[0].operators, std::vector{OperatorId{0}});
}

TEST(CommonNetwork, AProductOfTwoActivationsIsNoLayer) {
  Workload workload;
  workload.name = "attention";
  for (const auto kind : {TensorKind::input, TensorKind::input, TensorKind::output})
    workload.tensors.push_back({"t" + std::to_string(workload.tensors.size()), {4, 4}, 8, kind});
  workload.operators.push_back(make_matmul("qk", {.m = 4, .n = 4, .k = 4}, {}, TensorId{0},
                                           TensorId{1}, TensorId{2}));
  const CommonNetwork found = networks_of(workload, machine_of(toy()).value(), toy().axes);
  EXPECT_TRUE(found.segments.empty());
  ASSERT_EQ(found.unfit.size(), 1u);
  EXPECT_EQ(found.unfit[0].why, "it has 2 activations and 0 constants");
}

}  // namespace
}  // namespace tileloom::scheduler::defines
