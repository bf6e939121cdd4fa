#include "tileloom/mapper/exact/product/ahead.hpp"

#include <gtest/gtest.h>
#include <tbb/global_control.h>
#include <tbb/task_arena.h>

#include <array>

#include "tileloom/mapper/exact/exact.hpp"
#include "tileloom/mapper/exact/random_machine_test.hpp"
#include "tileloom/support/random.hpp"
#include "tileloom/workload/make.hpp"

namespace tileloom::mapper::product {
namespace {

/// Items whose work and findings depend on the best known when they are searched.
bool search_made_up(std::size_t item, Record& record) {
  Random random(item);
  const std::int64_t steps = random.between(1, 40) + (record.score ? record.improvements % 5 : 0);
  for (std::int64_t s = 0; s < steps; ++s) {
    record.work += 1;
    const double value = static_cast<double>(random.between(1, 4000) - 10 * record.improvements);
    record.offer({value, 0}, {});
    if (record.exhausted()) return false;
  }
  return true;
}

struct Outcome {
  bool complete = false;
  std::int64_t work = 0;
  std::int64_t improvements = 0;
  std::optional<cost::Score> score;
  bool operator==(const Outcome&) const = default;
};

Outcome outcome(bool complete, const Record& record) {
  return {complete, record.work, record.improvements, record.score};
}

constexpr std::size_t kItems = 300;

Outcome one_after_the_other(Record record) {
  for (std::size_t i = 0; i < kItems; ++i) {
    if (record.exhausted() || !search_made_up(i, record)) return outcome(false, record);
  }
  return outcome(true, record);
}

TEST(SearchAhead, FindsWhatOneThreadFindsWithTheSameWork) {
  const tbb::global_control allow(tbb::global_control::max_allowed_parallelism, 4);
  tbb::task_arena(4).execute([] {
    const Budget budget;
    const MakeSearch make = [] { return search_made_up; };
    int stopped = 0;
    for (std::int64_t limit = 1; limit < 8000; limit += 61) {
      Record record;
      record.budget = &budget;
      record.work_limit = limit;
      const Outcome expected = one_after_the_other(record);
      stopped += expected.complete ? 0 : 1;
      for (const int threads : {2, 3, 4}) {
        Record shared = record;
        shared.threads = threads;
        const bool complete = search_ahead(kItems, make, shared);
        EXPECT_EQ(outcome(complete, shared), expected) << limit << " " << threads;
        EXPECT_EQ(shared.work_limit, limit);
      }
    }
    EXPECT_GT(stopped, 50);
    EXPECT_LT(stopped, 131);
  });
}

/// A convolution and a machine with room enough for a search that is long enough to be shared.
Workload work(Random& random) {
  ConvShape shape;
  const auto size = [&] { return std::int64_t{4} << random.between(1, 3); };
  shape.in_channels = size();
  shape.out_channels = size();
  shape.axes = {{.output = size(), .filter = 3}, {.output = size(), .filter = 3}};
  return one_conv("conv", shape, {8, 8, 8, 8});
}

Architecture roomy_machine(Random& random) {
  Architecture arch = random_machine(random, 1);
  for (Memory& memory : arch.memories) {
    if (memory.capacity) memory.capacity->value *= 64;
  }
  return arch;
}

TEST(SearchAhead, TheExactMapperGivesTheSameAnswerOnAnyNumberOfThreads) {
  const tbb::global_control allow(tbb::global_control::max_allowed_parallelism, 4);
  const std::array<const char*, 4> objectives{"edp", "energy", "latency", "pareto"};
  tbb::task_arena(4).execute([&] {
    Random random(93);
    const Constraints none;
    for (std::size_t problem = 0; problem < 8; ++problem) {
      const Architecture arch = roomy_machine(random);
      const Workload workload = work(random);
      const Problem posed{workload, OperatorId{0}, arch,
                          *cost::parse_objective(objectives[problem % 4]), none};
      const std::int64_t evaluations = problem < 4 ? 6000 : 2501;
      const auto answer = [&](int threads) {
        return ExactMapper().map(posed, {.evaluations = evaluations, .threads = threads}, nullptr);
      };
      const MapResult alone = answer(1);
      for (const int threads : {2, 4}) {
        const MapResult shared = answer(threads);
        EXPECT_EQ(shared.proof, alone.proof) << problem;
        EXPECT_EQ(shared.tree, alone.tree) << problem;
        EXPECT_EQ(shared.lower_bound, alone.lower_bound) << problem;
        EXPECT_EQ(shared.evaluations, alone.evaluations) << problem;
      }
    }
  });
}

}  // namespace
}  // namespace tileloom::mapper::product
