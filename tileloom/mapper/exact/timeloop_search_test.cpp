#include "tileloom/mapper/exact/timeloop_search.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

#include "tileloom/mapper/exact/level_brute_force_test.hpp"
#include "tileloom/mapper/exact/random_machine_test.hpp"
#include "tileloom/mapper/exact/timeloop_floor.hpp"
#include "tileloom/support/effort_test.hpp"

namespace tileloom::mapper {
namespace {

namespace model = cost::timeloop;

/// A machine that Timeloop can express.
Architecture expressible_machine(Random& random) {
  Architecture arch = random_machine(random, 1);
  for (Memory& memory : arch.memories) memory.write = memory.read;
  for (SpatialAxis& axis : arch.axes) {
    axis.multicast = axis.reduce = true;
    axis.hop = {};
  }
  return arch;
}

/// One whose inner memories cost more than the outer ones: results are best taken from far out.
Architecture upturned_machine(Random& random) {
  Architecture arch = expressible_machine(random);
  std::int64_t least = 1;
  for (Memory& memory : arch.memories) {
    memory.read.value.value = static_cast<double>(random.between(least, least + 60));
    memory.write = memory.read;
    memory.holds.fill(true);
    least += 20;
  }
  return arch;
}

/// What only Timeloop's machines have: shared arrays, blocks, networks that cost.
void decorate(model::Arch& arch, Random& random) {
  for (model::Level& level : arch.levels) {
    level.cluster_size = random.between(1, 2);
    level.block_size = random.between(1, 2);
    if (random.below(3) == 0) level.network_to_child = {0.5, 0.25};
  }
}

/// Problems of one kind that were searched, and how well.
struct Tried {
  int problems = 0;
  int found_best = 0;
  int met = 0;
};

using DrawMachine = Architecture (*)(Random&);
using DrawWork = Workload (*)(Random&);

/// Searches tiny problems of one kind on random machines and by brute force: the floor is never
/// above the least score, the answer never below it.
Tried try_all(std::uint64_t seed, int most, DrawMachine machine_of, DrawWork work_of) {
  Random random(seed);
  const Constraints none;
  Tried tried;
  for (int attempt = 0; attempt < 5000 && tried.problems < most; ++attempt) {
    const Architecture arch = machine_of(random);
    const Workload workload = work_of(random);
    const OperatorId op{0};
    auto machine = model::arch_from(arch);
    if (!machine) throw std::logic_error("the machine is expressible");
    decorate(*machine, random);
    const TimeloopNouns nouns{*machine, *model::problem_from(workload, workload.operators[op])};
    const MapSpace space = make_map_space(workload, op, arch, none);
    const cost::Objective objective = *cost::parse_objective(
        std::vector{"edp", "energy", "latency"}[static_cast<std::size_t>(attempt % 3)]);
    const TimeloopScorer scorer(space, nouns, objective);
    std::optional<cost::Score> least;
    // The order of spatial loops matters to links where ranks share an axis.
    LevelBruteForce every(space, Factors::perfect, 1500, Orders::all);
    const bool all = every.run([&](const Point& point) {
      if (!legal(space, point)) return;
      const auto mapping = model::mapping_from(workload, workload.operators[op], arch,
                                               path_of(space, point));
      ASSERT_TRUE(mapping);
      ASSERT_EQ(*mapping, timeloop_mapping(space, point));
      const std::optional<cost::Score> score = scorer(point);
      if (score && (!least || *score < *least)) least = score;
    });
    if (!all) continue;
    ++tried.problems;
    const Problem problem{workload, op, arch, objective, none};
    const TimeloopAnswer answer = map_under_timeloop(problem, nouns, {.evaluations = 600});
    EXPECT_EQ(answer.tree.has_value(), least.has_value()) << attempt;
    EXPECT_EQ(answer.proof == Proof::infeasible, !least.has_value()) << attempt;
    if (!least || !answer.tree) continue;
    EXPECT_LE(timeloop_floor(space, nouns, objective), *least) << attempt;
    EXPECT_LE(*least, answer.score) << attempt;
    if (answer.score == *least) ++tried.found_best;
    if (answer.proof == Proof::optimal) {
      ++tried.met;
      EXPECT_EQ(answer.score, *least) << attempt;
    }
  }
  return tried;
}

TEST(TimeloopSearch, EqualsBruteForceOnTinyProblemsAndTheFloorIsNeverAboveIt) {
  const Tried tried =
      try_all(41, effort(60), expressible_machine,
              [](Random& random) { return random_work(random, 2, 2); });
  // Of 60 problems; sanitized builds try fewer.
  EXPECT_GE(tried.found_best * 10, tried.problems * 8);
  EXPECT_GE(tried.met, tried.problems / 10);
  EXPECT_GT(tried.problems, 0);
}

/// A product of which only a corner of the output is kept.
Workload cropped_product(Random& random) {
  Workload workload = one_matmul("cropped",
                                 {.batch = 1,
                                  .m = random.between(2, 5),
                                  .n = random.between(1, 3),
                                  .k = random.between(1, 4)},
                                 {8, 8, 8, 8});
  Operand& output = workload.operators[OperatorId{0}].output;
  for (Axis& axis : output.axes) axis.extent = random.between(1, axis.extent);
  Tensor& tensor = workload.tensors[output.tensor];
  for (std::size_t a = 0; a < output.axes.size(); ++a) tensor.shape[a] = output.axes[a].extent;
  return workload;
}

TEST(TimeloopSearch, TheFloorHoldsWhereOutputsAreCropped) {
  const Tried tried = try_all(43, effort(60), upturned_machine, cropped_product);
  EXPECT_GT(tried.problems, 0);
}

/// A transposed convolution in one axis: results add up where the windows of inputs overlap.
Workload overlapping_results(Random& random) {
  const std::int64_t stride = random.below(4) == 0 ? 2 : 1;
  const std::int64_t filter = random.between(stride, 3);
  Workload workload = one_matmul(
      "transposed", {.batch = 1, .m = random.between(2, 4), .n = filter, .k = 1}, {8, 8, 8, 8});
  Operator& op = workload.operators[OperatorId{0}];
  const std::int64_t reach = stride * (op.ranks[0].extent - 1) + filter;
  const std::int64_t crop = random.below(4) == 0 ? 1 : 0;
  op.output.axes = {{{{RankId{0}, stride}, {RankId{1}, 1}}, -crop, reach - 2 * crop}};
  workload.tensors[op.output.tensor].shape = {reach - 2 * crop};
  return workload;
}

TEST(TimeloopSearch, TheFloorHoldsWhereOutputsOverlap) {
  const Tried tried = try_all(47, effort(200), upturned_machine, overlapping_results);
  EXPECT_GT(tried.problems, 0);
}

}  // namespace
}  // namespace tileloom::mapper
