// scheduler/exact on random branching networks: never worse than layer by layer, and fronts equal to
// trying every chain of parts.

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "random_mapper.hpp"
#include "small_machine.hpp"
#include "tileloom/loop_tree/boxes.hpp"
#include "tileloom/loop_tree/text.hpp"
#include "tileloom/reference/interpret_tree.hpp"
#include "tileloom/reference/random_tree.hpp"
#include "tileloom/scheduler/chain_fronts.hpp"
#include "tileloom/scheduler/exact/boundaries.hpp"
#include "tileloom/scheduler/exact/exact.hpp"
#include "tileloom/scheduler/exact/single_choice.hpp"
#include "tileloom/scheduler/layer_by_layer/layer_by_layer.hpp"

namespace tileloom::scheduler {
namespace {

constexpr int kFrontCases = TILELOOM_PROPERTY_CASES >= 20000 ? 120 : 12;

/// Cycles, pJ, bits through the outermost memory, most bits inside it.
using Costs = std::array<double, 4>;

bool no_worse(const Costs& a, const Costs& b, double slack = 1) {
  for (std::size_t i = 0; i < a.size(); ++i)
    if (a[i] > b[i] * slack) return false;
  return true;
}

struct Part {
  std::size_t first = 0;
  std::size_t last = 0;
  std::uint32_t inside = 0;
  Costs costs{};
};

/// A random network on a random machine with everything the search is given.
struct FrontCase {
  Workload workload;
  Architecture arch;
  mapper::Constraints none;
  std::unique_ptr<mapper::Mapper> mapper = random_mapper();
  Budget budget;

  explicit FrontCase(Random& random) : arch(small_machine(random)) {
    do workload = reference::random_stack(random).workload;
    while (workload.operators.size() > 4);
    arch.memories[MemoryId{1}].double_buffered = random.between(0, 2) == 0;
    budget.evaluations = 20;
    budget.threads = 1;
  }
  NetworkProblem problem(cost::Metric metric) const { return {workload, arch, {metric, {}}, none}; }
  Schedule alone(cost::Metric metric) const {
    return layer_by_layer(problem(metric), *mapper, "random", budget, nullptr, {});
  }
  /// A tensor with two readers or two writers.
  bool branches() const {
    for (const TensorId id : ids<TensorId>(workload.tensors.size()))
      if (consumers(workload, id).size() > 1 || producers(workload, id).size() > 1) return true;
    return false;
  }
};

bool maps_all(const Schedule& schedule) {
  return std::ranges::all_of(schedule.layers,
                             [](const Layer& layer) { return layer.result.tree.has_value(); });
}

/// Every chain of parts, one by one.
class EveryChain {
 public:
  EveryChain(const Workload& workload, const exact::StackSpace& space, std::vector<Part> parts)
      : workload_(workload), space_(space), parts_(std::move(parts)) {
    from(0, {}, {});
  }
  const std::vector<Costs>& all() const { return all_; }

 private:
  using Tensors = std::set<TensorId>;

  void from(std::size_t op, const Costs& costs, const Tensors& near) {
    if (op == workload_.operators.size()) {
      if (near.empty()) all_.push_back(costs);
      return;
    }
    for (const Part& part : parts_) {
      if (part.first != op) continue;
      Tensors found;
      Tensors left;
      if (!lives(part, found, left) || found != near) continue;
      from(part.last + 1,
           {costs[0] + part.costs[0], costs[1] + part.costs[1], costs[2] + part.costs[2],
            std::max(costs[3], part.costs[3])},
           left);
    }
  }

  /// What the part finds and leaves near; false if a tensor would stay longer.
  bool lives(const Part& part, Tensors& found, Tensors& left) const {
    const std::vector<TensorId> homes =
        part.inside == 0 ? std::vector<TensorId>{} : space_.frames().homes({part.first, part.last});
    for (std::size_t place = 0; place < homes.size(); ++place) {
      if ((part.inside >> place & 1U) == 0) continue;
      if (workload_.tensors[homes[place]].kind != TensorKind::intermediate) return false;
      std::size_t first = workload_.operators.size();
      std::size_t last = 0;
      for (std::size_t op = 0; op < workload_.operators.size(); ++op) {
        const Operator& at = workload_.operators[static_cast<OperatorId>(op)];
        if (at.output.tensor == homes[place]) first = std::min(first, op);
        if (find_operand(at, homes[place]) != nullptr) last = op;
      }
      if (first >= part.first && last <= part.last) return false;
      if (first < part.first) found.insert(homes[place]);
      if (last > part.last) left.insert(homes[place]);
    }
    return true;
  }

  const Workload& workload_;
  const exact::StackSpace& space_;
  std::vector<Part> parts_;
  std::vector<Costs> all_;
};

Costs weighed(Cycles latency, Picojoules energy, double home_bits, double inner_bits,
              const ExactFusionOptions& options) {
  return {static_cast<double>(latency.value), energy.value, options.front_traffic ? home_bits : 0,
          options.front_memory ? inner_bits : 0};
}

std::vector<Part> single_parts(const FrontCase& one, const NetworkProblem& problem,
                               const Schedule& alone, const ExactFusionOptions& options,
                               const exact::StackMemories& memories,
                               const exact::StackSpace& space) {
  auto singles = exact::near_singles(problem, *one.mapper, one.budget, memories, space);
  std::vector<Part> parts;
  for (std::size_t op = 0; op < singles.size(); ++op) {
    singles[op].push_back(exact::single_choice(problem, alone.layers[op], ""));
    for (const Schedule& other : options.alternatives)
      singles[op].push_back(exact::single_choice(problem, other.layers[op], ""));
    for (const exact::SingleChoice& choice : singles[op])
      parts.push_back({op, op, choice.inside,
                       weighed(choice.latency, choice.energy, choice.home_bits,
                               static_cast<double>(choice.inner_bits), options)});
  }
  return parts;
}

/// Every tiling, and near in every way those that none beats.
void add_stack_parts(std::vector<Part>& parts, const exact::StackSpace& space,
                     const exact::Range& range, const ExactFusionOptions& options) {
  std::vector<std::pair<exact::Tiling, Costs>> found;
  const auto add = [&](exact::Tiling tiling) {
    const exact::WeightSet all = exact::first_weights(space.frames().weights(range).size());
    for (tiling.streamed = 0; tiling.streamed <= all; ++tiling.streamed) {
      const auto choice = space.cost_as_streamed(range, tiling);
      if (!choice) continue;
      const Costs costs =
          weighed(choice->latency, choice->energy, choice->home_bits,
                  static_cast<double>(choice->inner_bits +
                                      space.frames().bits_inside(range, choice->tiling.inside)),
                  options);
      parts.push_back({range.first, range.last, choice->tiling.inside, costs});
      found.emplace_back(choice->tiling, costs);
    }
  };
  for (const exact::Tiling& tiling : space.tilings().tilings(range)) add(tiling);
  std::vector<exact::Tiling> best;
  for (std::size_t i = 0; i < found.size(); ++i) {
    bool beaten = false;
    for (std::size_t j = 0; j < found.size() && !beaten; ++j)
      beaten = no_worse(found[j].second, found[i].second) &&
               (j < i || !no_worse(found[i].second, found[j].second));
    if (!beaten) best.push_back(found[i].first);
  }
  for (const std::uint32_t inside : space.frames().ways_inside(range)) {
    for (exact::Tiling tiling : best) {
      tiling.inside = inside;
      add(tiling);
    }
  }
}

/// Some tilings are equal in all costs but one; which is kept decides how it is run near.
TEST(FusionFront, IsWhatEveryChainOfPartsLeaves) {
  Random random(515);
  int several = 0;
  for (int i = 0; i < kFrontCases;) {
    const FrontCase one(random);
    const NetworkProblem problem = one.problem(cost::Metric::edp);
    const Schedule alone = one.alone(cost::Metric::edp);
    ExactFusionOptions options{.deepest = i % 2 == 0 ? std::size_t{2} : std::size_t{4},
                               .run_evaluations = 20,
                               .patience = 1000,  // all of them
                               .near_boundaries = i % 2 == 0,
                               .front = true,
                               .front_traffic = i % 4 > 1,
                               .front_memory = i % 4 == 3};
    options.alternatives = {one.alone(cost::Metric::latency), one.alone(cost::Metric::energy)};
    if (!maps_all(alone) || !maps_all(options.alternatives[0]) ||
        !maps_all(options.alternatives[1]))
      continue;
    ++i;
    const FusedSchedule found = exact_fusion(problem, *one.mapper, alone, options, one.budget, {});
    const exact::StackMemories memories = *exact::stack_memories(one.arch);
    exact::RunMapper runs(problem, *one.mapper, one.budget, memories);
    const exact::StackSpace space(problem, memories, runs);
    std::vector<Part> parts = single_parts(one, problem, alone, options, memories, space);
    if (!options.near_boundaries)
      std::erase_if(parts, [](const Part& part) { return part.inside != 0; });
    for (std::size_t first = 0; first < one.workload.operators.size(); ++first)
      for (std::size_t last = first + 1;
           last < one.workload.operators.size() && last - first < options.deepest; ++last) {
        add_stack_parts(parts, space, {first, last}, options);
      }
    if (!options.near_boundaries)
      std::erase_if(parts, [](const Part& part) { return part.inside != 0; });
    const EveryChain every(one.workload, space, parts);
    ASSERT_TRUE(found.front);
    ASSERT_EQ(found.front->factor, 1);
    ASSERT_LE(found.front->points.size(), std::size_t{100});
    const bool all_shown = found.front->points.size() == found.front->found;
    std::vector<Costs> mine;
    for (const FrontPoint& point : found.front->points)
      mine.push_back({static_cast<double>(point.latency.value), point.energy.value, point.home_bits,
                      point.inner_bits});
    for (const Costs& costs : mine) {
      // Reached by a chain, and beaten by none.
      const auto same = [&](const Costs& chain) {
        return no_worse(chain, costs, 1 + 1e-9) && no_worse(costs, chain, 1 + 1e-9);
      };
      ASSERT_TRUE(std::ranges::any_of(every.all(), same)) << "case " << i;
      ASSERT_FALSE(std::ranges::any_of(every.all(), [&](const Costs& chain) {
        return no_worse(chain, costs) && !no_worse(costs, chain, 1 + 1e-9);
      })) << "case " << i;
    }
    for (const Costs& chain : every.all()) {
      if (!all_shown) break;
      ASSERT_TRUE(std::ranges::any_of(mine, [&](const Costs& costs) {
        return no_worse(costs, chain, 1 + 1e-9);
      })) << "case " << i << " of " << mine.size();
    }
    several += mine.size() > 1 ? 1 : 0;
  }
  EXPECT_GT(several, kFrontCases / 4);
}

/// With sums, concatenations and maps read twice, under all objectives.
TEST(FusionFront, SchedulesAreNeverWorseThanLayerByLayer) {
  Random random(616);
  int branching = 0;
  int better = 0;
  int near = 0;
  for (int i = 0; i < kFrontCases;) {
    const FrontCase one(random);
    if (i % 3 > 0 && !one.branches()) continue;
    const cost::Metric metric = static_cast<cost::Metric>(i % 3);
    const Schedule alone = one.alone(metric);
    if (!maps_all(alone)) continue;
    ++i;
    branching += one.branches() ? 1 : 0;
    ExactFusionOptions options{.deepest = 3, .run_evaluations = 20};
    if (metric == cost::Metric::edp)
      options.alternatives = {one.alone(cost::Metric::latency), one.alone(cost::Metric::energy)};
    const FusedSchedule found =
        exact_fusion(one.problem(metric), *one.mapper, alone, options, one.budget, {});
    ASSERT_TRUE(found.tree);
    const std::string text = print_tree(one.workload, one.arch, *found.tree);
    ASSERT_TRUE(found.reasons.empty()) << "case " << i << found.reasons.front() << "\n" << text;
    const double before = cost::score({metric, {}}, alone.latency, alone.energy).first;
    const double after = cost::score({metric, {}}, found.latency, found.energy).first;
    ASSERT_LE(after, before * (1 + 1e-12)) << "case " << i << "\n" << text;
    better += after < before * (1 - 1e-9) ? 1 : 0;
    const bool near_single = std::ranges::any_of(found.parts, [](const StackPart& part) {
      return !part.fused && part.tiling.find("near") != std::string::npos;
    });
    near += near_single ? 1 : 0;
    if (!near_single) continue;
    const reference::TensorValues values = reference::sample_values(one.workload);
    const reference::TensorValues truth = reference::evaluate_workload(one.workload, values);
    const reference::TreeInterpretation run =
        reference::interpret_tree(one.workload, one.arch, *found.tree, values);
    for (const TensorId id : ids<TensorId>(one.workload.tensors.size()))
      if (one.workload.tensors[id].kind == TensorKind::output) {
        ASSERT_EQ(run.tensors.at(id), truth.at(id)) << "case " << i << "\n" << text;
      }
  }
  EXPECT_GT(branching, kFrontCases / 3);
  EXPECT_GT(better, kFrontCases / 4);
  EXPECT_GT(near, kFrontCases / 40);
}

/// Two cuts, by hand: steps (1, 4), (4, 1) and then (1, 1), or both at once for (3, 3); the last is
/// beaten by none, (2, 5) and (5, 2) neither.
TEST(FusionFront, ChainsByHand) {
  const auto step = [](std::size_t from, std::size_t to, std::int64_t cycles, double energy,
                       double aimed, double beside) {
    chains::Step made{from, to, {cycles}, {energy}, std::nullopt, aimed};
    made.beside = beside;
    return made;
  };
  std::vector<chains::Step> steps{step(0, 1, 1, 4, 0, 0), step(0, 1, 4, 1, 0, 0),
                                  step(1, 2, 1, 1, 0, 0), step(0, 2, 3, 3, 0, 0),
                                  step(0, 2, 5, 5, 0, 0)};
  EXPECT_EQ(chains::chain_front(2, steps, 100).chains.size(), 3u);
  // With less traffic or memory than all others the last one stays.
  for (chains::Step& one : steps) one.aimed = 2;
  steps.back().aimed = 1;
  EXPECT_EQ(chains::chain_front(2, steps, 100).chains.size(), 4u);
  // Σ of aims, the largest memory: (0, 1) and (1, 2) together use 4 and 7.
  steps = {step(0, 1, 1, 1, 2, 7), step(1, 2, 1, 1, 2, 3), step(0, 2, 9, 9, 4, 7),
           step(0, 2, 9, 9, 3, 9), step(0, 2, 9, 9, 9, 6)};
  EXPECT_EQ(chains::chain_front(2, steps, 100).chains.size(), 3u);
  // Where there is no room, close ones are left out, and the factor says how close.
  std::vector<chains::Step> many;
  for (std::int64_t i = 0; i < 50; ++i)
    many.push_back(step(0, 1, 10000 + i, 10000.0 - static_cast<double>(i), 0, 0));
  EXPECT_EQ(chains::chain_front(1, many, 50).factor, 1);
  const chains::ChainFront few = chains::chain_front(1, many, 10);
  EXPECT_LE(few.chains.size(), 10u);
  EXPECT_GT(few.factor, 1.0001);
  EXPECT_LT(few.factor, 1.01);
}

}  // namespace
}  // namespace tileloom::scheduler
