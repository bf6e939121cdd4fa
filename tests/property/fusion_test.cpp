// scheduler/exact on random small networks and machines: as good as trying everything in its space,
// never worse than layer by layer, legal, and right in what it computes.

#include <gtest/gtest.h>

#include <functional>

#include "tileloom/loop_tree/check.hpp"
#include "tileloom/loop_tree/text.hpp"
#include "tileloom/mapper/registry.hpp"
#include "tileloom/reference/interpret_tree.hpp"
#include "tileloom/reference/random_tree.hpp"
#include "tileloom/scheduler/exact/exact.hpp"
#include "tileloom/scheduler/exact/stack_choice.hpp"
#include "tileloom/scheduler/layer_by_layer/layer_by_layer.hpp"

namespace tileloom::scheduler {
namespace {

constexpr int kCases = TILELOOM_PROPERTY_CASES >= 20000 ? 300 : 30;

/// A costly memory outside, a small one for all lanes, up to two axes, a register each.
Architecture small_machine(Random& random) {
  Architecture arch;
  arch.name = "small";
  const auto memory = [&](const char* name, double energy) {
    Memory m{.name = name};
    m.read.value = m.write.value = {energy};
    m.ports.read = m.ports.write = static_cast<double>(random.between(4, 64));
    arch.memories.push_back(m);
  };
  memory("DRAM", 100);
  memory("Buffer", static_cast<double>(random.between(2, 20)));
  memory("Reg", 1);
  arch.memories[MemoryId{1}].capacity = Bits{random.between(200, 4000)};
  for (std::int64_t i = random.between(0, 2); i > 0; --i) {
    SpatialAxis axis;
    axis.name = std::string(1, i == 1 ? 'x' : 'y');
    axis.size = random.between(2, 4);
    axis.below = 2;
    arch.axes.push_back(axis);
  }
  arch.launch_cycles = random.between(0, 20);
  return arch;
}

/// The best score over all ways to cut the network and all tilings of every part, one by one.
class EverySchedule {
 public:
  EverySchedule(const NetworkProblem& problem, const Schedule& alone,
                const exact::StackSpace& space, std::size_t deepest)
      : problem_(problem), alone_(alone), space_(space), deepest_(deepest) {}

  cost::Score best() {
    from(0, {}, {});
    return *best_;
  }

 private:
  void from(std::size_t op, Cycles latency, Picojoules energy) {
    const std::size_t end = problem_.workload.operators.size();
    if (op == end) {
      const cost::Score score = cost::score(problem_.objective, latency, energy);
      if (!best_ || score < *best_) best_ = score;
      return;
    }
    const Layer& layer = alone_.layers[op];
    from(op + 1, latency + layer.result.evaluation->latency.total + layer.dispatch,
         energy + layer.result.evaluation->energy);
    for (std::size_t last = op + 1; last < end && last - op < deepest_; ++last) {
      for (const exact::StackChoice& choice : costs(op, last)) {
        from(last + 1, latency + choice.latency, energy + choice.energy);
      }
    }
  }

  const std::vector<exact::StackChoice>& costs(std::size_t first, std::size_t last) {
    const auto [at, is_new] = costs_.try_emplace({first, last});
    if (is_new) {
      for (const exact::Tiling& tiling : space_.tilings({first, last})) {
        if (const auto choice = space_.cost({first, last}, tiling)) at->second.push_back(*choice);
      }
    }
    return at->second;
  }

  const NetworkProblem& problem_;
  const Schedule& alone_;
  const exact::StackSpace& space_;
  std::size_t deepest_;
  std::optional<cost::Score> best_;
  std::map<std::pair<std::size_t, std::size_t>, std::vector<exact::StackChoice>> costs_;
};

TEST(Fusion, IsAsGoodAsTryingEverythingAndComputesTheNetwork) {
  Random random(404);
  int fused = 0;
  const mapper::Constraints none;
  const std::unique_ptr<mapper::Mapper> mapper =
      std::move(mapper::make_mapper("random", {}).value());
  for (int i = 0; i < kCases;) {
    const Workload workload = reference::random_stack(random).workload;
    const Architecture arch = small_machine(random);
    if (workload.operators.size() > 5) continue;
    ++i;
    const cost::Metric metric = static_cast<cost::Metric>(i % 3);
    const NetworkProblem problem{workload, arch, {metric, {}}, none};
    Budget budget;
    budget.evaluations = 20;
    budget.threads = 1;
    const Schedule alone = layer_by_layer(problem, *mapper, "random", budget, nullptr, {});
    const ExactFusionOptions options{.deepest = 4, .run_evaluations = 20};
    const FusedSchedule found = exact_fusion(problem, *mapper, alone, options, budget, {});
    if (!found.tree) continue;  // an operator without a mapping
    const std::string text = print_tree(workload, arch, *found.tree);

    const exact::StackMemories memories = *exact::stack_memories(arch);
    exact::RunMapper runs(problem, *mapper, budget, memories);
    const exact::StackSpace space(problem, memories, runs);
    const cost::Score best = EverySchedule(problem, alone, space, options.deepest).best();
    const cost::Score mine = cost::score(problem.objective, found.latency, found.energy);
    ASSERT_NEAR(mine.first, best.first, 1e-9 * best.first) << "case " << i << "\n" << text;
    ASSERT_LE(mine.first,
              cost::score(problem.objective, alone.latency, alone.energy).first * (1 + 1e-12));

    ASSERT_TRUE(found.reasons.empty()) << "case " << i << found.reasons.front() << "\n" << text;
    ASSERT_GE(found.latency.value, found.bound.latency.value) << text;
    ASSERT_GE(found.energy.value, found.bound.energy.value * (1 - 1e-12)) << text;
    if (i % 5 != 0) continue;  // the slow part
    const reference::TensorValues values = reference::sample_values(workload);
    const reference::TensorValues truth = reference::evaluate_workload(workload, values);
    const reference::TreeInterpretation run =
        reference::interpret_tree(workload, arch, *found.tree, values);
    for (const TensorId id : ids<TensorId>(workload.tensors.size())) {
      if (workload.tensors[id].kind != TensorKind::output) continue;
      ASSERT_EQ(run.tensors.at(id), truth.at(id)) << "case " << i << "\n" << text;
    }
    fused += run.stacks.empty() ? 0 : 1;
  }
  EXPECT_GT(fused, kCases / 20);
}

}  // namespace
}  // namespace tileloom::scheduler
