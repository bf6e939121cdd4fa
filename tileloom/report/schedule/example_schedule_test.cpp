#include "tileloom/report/schedule/example_schedule_test.hpp"

#include <gtest/gtest.h>

#include "tileloom/support/checked.hpp"

namespace tileloom::report {
namespace {

constexpr MemoryId kDram{0};
constexpr MemoryId kBuffer{1};
constexpr AxisId kPe{0};

/// DRAM: 16 bits per cycle each way, 100 pJ per byte; Buffer: 1 KiB, 1 pJ per byte; 0.5 pJ per MAC.
Architecture machine() {
  Architecture arch;
  arch.name = "toy";
  arch.source = "made up";
  Memory dram;
  dram.name = "DRAM";
  dram.ports = {.read = 16, .write = 16, .shared = std::nullopt};
  dram.read = {{100}, "given"};
  dram.write = {{100}, "given"};
  Memory buffer;
  buffer.name = "Buffer";
  buffer.capacity = Bits{8192};
  buffer.read = {{1}, "given"};
  buffer.write = {{1}, "given"};
  arch.memories = {dram, buffer};
  SpatialAxis pe;
  pe.name = "pe";
  pe.size = 4;
  pe.below = 2;
  arch.axes = {pe};
  arch.compute.mac = {{0.5}, "given"};
  return arch;
}

TensorId add_tensor(Workload& workload, const std::string& name, std::vector<std::int64_t> shape,
                    TensorKind kind) {
  return workload.tensors.push_back({name, std::move(shape), 8, kind});
}

Axis axis_over(RankId rank, std::int64_t extent) { return {{{rank, 1}}, 0, extent}; }

/// O[m, k] = Σ_c I[m, c] · W[k, c], sums 24 bits wide.
OperatorId add_matmul(Workload& workload, const std::string& name, std::int64_t m, std::int64_t k,
                      std::int64_t c) {
  constexpr RankId kM{0};
  constexpr RankId kK{1};
  constexpr RankId kC{2};
  Operator op;
  op.name = name;
  op.kind = "MatMul";
  op.ranks = {{"M", m}, {"K", k}, {"C", c}};
  const TensorId in = add_tensor(workload, "I." + name, {m, c}, TensorKind::input);
  const TensorId weight = add_tensor(workload, "W." + name, {k, c}, TensorKind::constant);
  const TensorId out = add_tensor(workload, "O." + name, {m, k}, TensorKind::output);
  op.inputs = {{in, Role::input, {axis_over(kM, m), axis_over(kC, c)}, 8, 8},
               {weight, Role::weight, {axis_over(kK, k), axis_over(kC, c)}, 8, 8}};
  op.output = {out, Role::output, {axis_over(kM, m), axis_over(kK, k)}, 8, 24};
  const OperatorId id = workload.operators.push_back(op);
  const std::int64_t moved = checked_mul(8, m * c + k * c + m * k);
  workload.coverage.push_back({name, "Gemm", NodeStatus::mapped, {id}, "", m * k * c, moved});
  return id;
}

/// Everything in DRAM, then everything in Buffer, K over the lanes, M and C in time.
LoopTree tree_of(const Workload& workload, OperatorId id) {
  const Operator& op = workload.operators[id];
  LoopTree tree;
  for (const MemoryId memory : {kDram, kBuffer}) {
    for (const Operand* operand : operands(op)) tree.path.push_back(Store{operand->tensor, memory});
  }
  tree.path.push_back(Loop{id, RankId{1}, 1, kPe});
  tree.path.push_back(Loop{id, RankId{0}, 1, std::nullopt});
  tree.path.push_back(Loop{id, RankId{2}, 1, std::nullopt});
  tree.tail = ComputeLeaf{id};
  return tree;
}

void add_layer(Example& example, OperatorId id, std::optional<OperatorId> same_as) {
  const Operator& op = example.workload.operators[id];
  scheduler::Layer layer;
  layer.op = id;
  layer.same_as = same_as;
  layer.bound = {{points(op) / 4}, {1000}};
  layer.result.tree = tree_of(example.workload, id);
  layer.result.evaluation = cost::evaluate(op, example.arch, layer.result.tree->path);
  layer.result.proof = Proof::feasible;
  layer.result.space = "all of it";
  layer.result.evaluations = 7;
  const cost::Score found =
      cost::score(example.schedule.objective, layer.result.evaluation->latency.total,
                  layer.result.evaluation->energy);
  layer.result.lower_bound = {found.first / 2, 0};
  example.schedule.latency += layer.result.evaluation->latency.total;
  example.schedule.energy += layer.result.evaluation->energy;
  example.schedule.bound.latency += layer.bound.latency;
  example.schedule.bound.energy += layer.bound.energy;
  example.schedule.layers.push_back(std::move(layer));
}

}  // namespace

Example example() {
  Example example;
  example.workload.name = "tiny";
  example.arch = machine();
  example.schedule.model = "tiny";
  example.schedule.architecture = "toy";
  example.schedule.mapper = "random";
  const OperatorId fc1 = add_matmul(example.workload, "fc1", 1, 4, 8);
  const OperatorId fc2 = add_matmul(example.workload, "fc2", 1, 4, 8);
  const OperatorId wide = add_matmul(example.workload, "wide", 16, 3, 16);
  const OperatorId huge = add_matmul(example.workload, "huge", 1, 1, 2000);
  example.workload.coverage.push_back(
      {"view", "Reshape", NodeStatus::folded, {}, "a view of I.fc2", 0, 0});
  example.workload.coverage.push_back(
      {"odd", "NonZero", NodeStatus::unmapped, {}, "its output has no fixed size", 0, 1904});
  add_layer(example, fc1, std::nullopt);
  add_layer(example, fc2, fc1);
  add_layer(example, wide, std::nullopt);
  scheduler::Layer none;
  none.op = huge;
  none.result.proof = Proof::infeasible;
  none.result.reason = "Buffer needs 9000 bits, but holds 8192";
  example.schedule.layers.push_back(none);
  example.schedule.proof = Proof::infeasible;
  return example;
}

namespace {

// fc1: 8 elements of I and 32 of W are read from DRAM, 4 of O written. Each lane takes one K; in
// each of 8 steps one I (multicast) and 4 W leave Buffer, and 4 sums of 24 bits are updated, all
// but the first 4 of 32 read back.
//   DRAM   I 800, W 3200, O 400 pJ;  read port (8 + 32)·8 / 16 = 20 cycles, compute 8
//   Buffer I 8 + 8, W 32 + 32, O written 32·3 = 96, read 28·3 + 4 = 88 pJ
//   compute 32·0.5 = 16 pJ;  total 4400 + 80 + 184 + 16 = 4680 pJ
TEST(ExampleSchedule, Fc1CostsWhatHandWorkSays) {
  const Example small = example();
  const cost::Evaluation& fc1 = *small.schedule.layers[0].result.evaluation;
  EXPECT_EQ(fc1.latency.total.value, 20);
  EXPECT_EQ(fc1.latency.compute.value, 8);
  EXPECT_DOUBLE_EQ(fc1.energy.value, 4680);
  EXPECT_DOUBLE_EQ(fc1.utilisation, 0.4);
}

// wide: 16·16 elements of I, 48 of W, 48 of O. 256 steps of 3 lanes.
//   DRAM   I 25600, W 4800, O 4800 pJ;  read port 304·8 / 16 = 152 cycles, compute 256
//   Buffer I 256 + 256, W 48 + 768, O written 768·3 = 2304, read 720·3 + 48 = 2208 pJ
//   compute 768·0.5 = 384 pJ;  total 35200 + 512 + 816 + 4512 + 384 = 41424 pJ
TEST(ExampleSchedule, WideCostsWhatHandWorkSays) {
  const Example small = example();
  const cost::Evaluation& wide = *small.schedule.layers[2].result.evaluation;
  EXPECT_EQ(wide.latency.total.value, 256);
  EXPECT_DOUBLE_EQ(wide.energy.value, 41424);
  EXPECT_DOUBLE_EQ(wide.utilisation, 0.75);
}

}  // namespace
}  // namespace tileloom::report
