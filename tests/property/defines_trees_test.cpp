// DeFiNES' stacks of random small networks as loop trees: legal, re-scored by the common model, and
// right in what they compute, in every overlap mode.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <map>

#include "random_mapper.hpp"
#include "tileloom/loop_tree/check.hpp"
#include "tileloom/loop_tree/text.hpp"
#include "tileloom/reference/interpret_tree.hpp"
#include "tileloom/scheduler/defines/common_machine.hpp"
#include "tileloom/scheduler/defines/fuse_network.hpp"
#include "tileloom/scheduler/defines/stack_tree.hpp"
#include "tileloom/scheduler/layer_by_layer/layer_by_layer.hpp"
#include "tileloom/support/random.hpp"
#include "tileloom/workload/make.hpp"

namespace tileloom::scheduler::defines {
namespace {

constexpr int kDefinesCases = TILELOOM_PROPERTY_CASES >= 20000 ? 30 : 6;

/// Two to four convolutions in a row, padded or not, and now and then a sum over one of them.
class SmallNetwork {
 public:
  explicit SmallNetwork(Random& random) : random_(random) {
    workload_.name = "small";
    now_ = tensor({1, 2, random.between(6, 9), random.between(6, 9)}, TensorKind::input);
  }
  Workload draw() {
    for (std::int64_t i = random_.between(2, 4); i > 0; --i)
      random_.chance(70) ? convolve() : residual();
    workload_.tensors[now_].kind = TensorKind::output;
    return std::move(workload_);
  }

 private:
  TensorId tensor(std::vector<std::int64_t> shape, TensorKind kind) {
    return workload_.tensors.push_back(
        {fmt::format("t{}", workload_.tensors.size()), std::move(shape), 8, kind});
  }
  const std::vector<std::int64_t>& shape() const { return workload_.tensors[now_].shape; }

  void convolve() {
    const std::vector<std::int64_t> in = shape();
    const std::int64_t filter = random_.between(1, 3);
    const std::int64_t stride = random_.chance(25) ? 2 : 1;
    convolve(random_.between(1, 3), filter, stride, random_.chance(60) ? filter / 2 : 0);
  }
  void convolve(std::int64_t channels, std::int64_t filter, std::int64_t stride, std::int64_t pad) {
    const std::vector<std::int64_t> in = shape();
    ConvShape conv{.in_channels = in[1], .out_channels = channels};
    for (const std::size_t a : {std::size_t{2}, std::size_t{3}}) {
      const std::int64_t size = std::min(filter, in[a] + 2 * pad);
      conv.axes.push_back({.output = (in[a] + 2 * pad - size) / stride + 1, .filter = size,
                           .stride = stride, .pad_before = pad, .input = in[a]});
    }
    const TensorId weight =
        tensor({channels, in[1], conv.axes[0].filter, conv.axes[1].filter}, TensorKind::constant);
    const TensorId out = tensor({1, channels, conv.axes[0].output, conv.axes[1].output},
                                TensorKind::intermediate);
    workload_.operators.push_back(make_conv(fmt::format("op{}", workload_.operators.size()), conv,
                                            {8, 8, 8, 16}, now_, weight, out));
    now_ = out;
  }
  void residual() {
    const TensorId before = now_;
    convolve(shape()[1], 3, 1, 1);
    Operator add;
    add.name = fmt::format("op{}", workload_.operators.size());
    add.kind = "Add";
    add.function = PointFunction::add;
    add.reduction = Reduction::none;
    std::vector<Axis> axes;
    for (const std::int64_t size : shape()) {
      add.ranks.push_back({fmt::format("D{}", add.ranks.size()), size});
      axes.push_back({{{static_cast<RankId>(add.ranks.size() - 1), 1}}, 0, size});
    }
    const TensorId out = tensor(shape(), TensorKind::intermediate);
    add.inputs = {{before, Role::input, axes, 8, 8}, {now_, Role::input, axes, 8, 8}};
    add.output = {out, Role::output, axes, 8, 8};
    workload_.operators.push_back(std::move(add));
    now_ = out;
  }

  Random& random_;
  Workload workload_;
  TensorId now_{};
};

/// A costly memory outside, two that everything may live in, lanes, and a register each.
Architecture small_machine(Random& random) {
  Architecture arch;
  arch.name = "small";
  const auto memory = [&](const char* name, double energy, std::optional<Bits> capacity) {
    tileloom::Memory made{.name = name};
    made.capacity = capacity;
    made.read.value = made.write.value = {energy};
    made.ports.read = made.ports.write = static_cast<double>(random.between(8, 64));
    arch.memories.push_back(made);
  };
  memory("DRAM", 200, std::nullopt);
  memory("Buffer", 8, Bits{random.between(8000, 30000)});
  memory("Small", 3, Bits{random.between(600, 4000)});
  memory("Reg", 1, Bits{64});
  arch.axes.push_back({.name = "k", .size = random.between(2, 4), .below = 3});
  arch.compute.mac.value = {1};
  return arch;
}

void expect_right_values(const Workload& workload, const Architecture& arch, const LoopTree& tree) {
  const reference::TensorValues values = reference::sample_values(workload);
  const reference::TensorValues truth = reference::evaluate_workload(workload, values);
  const auto run = reference::interpret_tree(workload, arch, tree, values);
  for (const TensorId id : ids<TensorId>(workload.tensors.size())) {
    if (workload.tensors[id].kind == TensorKind::output) {
      ASSERT_EQ(run.tensors.at(id), truth.at(id)) << print_tree(workload, arch, tree);
    }
  }
}

TEST(DefinesTrees, AreLegalAndComputeTheNetworkInEveryMode) {
  Random random(2023);
  const mapper::Constraints none;
  const auto mapper = random_mapper();
  std::map<Mode, int> fused;
  for (int i = 0; i < kDefinesCases; ++i) {
    const Workload workload = SmallNetwork(random).draw();
    ASSERT_TRUE(check(workload).empty()) << to_string(check(workload));
    const Architecture arch = small_machine(random);
    const NetworkProblem problem{workload, arch, {cost::Metric::energy, {}}, none};
    const Budget budget{.evaluations = 30, .threads = 1};
    const auto alone = layer_by_layer(problem, *mapper, "random", budget, nullptr, {});
    PlacedRunMapper runs(problem, *mapper, budget);
    const CommonNetwork common = networks_of(workload, machine_of(arch).value(), arch.axes);
    ASSERT_EQ(common.segments.size(), 1u);
    const Exploration exploration(common.segments[0].network, machine_of(arch).value(), {});
    for (const Mode mode : kModes) {
      const Point point{mode, {random.between(1, 5), random.between(1, 5)}};
      const auto schedule = exploration.evaluate(point);
      if (!schedule) continue;
      std::vector<StackPart> parts;
      for (const StackRun& run : schedule->stacks) {
        auto part = stack_part({problem, exploration, common.segments[0]}, run, mode, runs);
        if (part && part->operators.size() > 1) {
          ++fused[mode];
          parts.push_back(*std::move(part));
          continue;
        }
        for (const Node& node : run.graph.nodes)
          if (node.layer)
            parts.push_back(part_alone(alone, *common.segments[0].op[*node.layer]));
      }
      const LoopTree tree = tree_of(workload, alone, parts);
      const auto broken = check(workload, arch, tree);
      ASSERT_TRUE(broken.empty()) << "case " << i << " " << short_name(mode) << ": "
                                  << broken.front().what << "\n" << print_tree(workload, arch, tree);
      expect_right_values(workload, arch, tree);
    }
  }
  for (const Mode mode : kModes) EXPECT_GT(fused[mode], kDefinesCases / 3) << short_name(mode);
}

TEST(DefinesTrees, TheNetworkIsNeverWorseThanLayerByLayerUnderTheCommonModel) {
  Random random(7);
  const mapper::Constraints none;
  const auto mapper = random_mapper();
  int better = 0;
  for (int i = 0; i < kDefinesCases / 6; ++i) {
    const Workload workload = SmallNetwork(random).draw();
    const Architecture arch = small_machine(random);
    const NetworkProblem problem{workload, arch, {cost::Metric::energy, {}}, none};
    const Budget budget{.evaluations = 30, .threads = 1};
    const auto alone = layer_by_layer(problem, *mapper, "random", budget, nullptr, {});
    const Result<FusedSchedule> found =
        fuse_network(problem, *mapper, alone, {.run_evaluations = 30}, budget, {});
    ASSERT_TRUE(found) << to_string(found.error());
    ASSERT_TRUE(found->reasons.empty()) << found->reasons.front();
    ASSERT_LE(found->energy.value, alone.energy.value * (1 + 1e-12));
    better += found->energy < alone.energy ? 1 : 0;
    expect_right_values(workload, arch, *found->tree);
  }
  EXPECT_GT(better, 0);
}

}  // namespace
}  // namespace tileloom::scheduler::defines
