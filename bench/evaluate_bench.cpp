// One evaluation of a mapping of a padded 3x3 convolution on a machine with three memory levels.
// `quick` is the evaluator searches use, `full` the one that reports; `quick_first_time` evaluates
// mappings it has never seen, so that no sums are remembered.

#include <benchmark/benchmark.h>

#include <algorithm>
#include <vector>

#include "tileloom/cost/evaluate.hpp"
#include "tileloom/cost/evaluator.hpp"
#include "tileloom/support/factors.hpp"
#include "tileloom/support/random.hpp"

namespace {

using namespace tileloom;

constexpr TensorId kI{0}, kW{1}, kO{2};
constexpr OperatorId kOp{0};

/// ResNet's 3x3 convolution of 64 to 64 channels on 56x56, padding 1.
Operator convolution() {
  enum : std::uint16_t { K, C, P, Q, R, S };
  const auto rank = [](std::uint16_t r) { return RankId{r}; };
  Operator op;
  op.name = "res2_3x3";
  op.ranks = {{"K", 64}, {"C", 64}, {"P", 56}, {"Q", 56}, {"R", 3}, {"S", 3}};
  op.inputs = {{kI,
                Role::input,
                {{{{rank(C), 1}}, 0, 64},
                 {{{rank(P), 1}, {rank(R), 1}}, -1, 56},
                 {{{rank(Q), 1}, {rank(S), 1}}, -1, 56}}},
               {kW,
                Role::weight,
                {{{{rank(K), 1}}, 0, 64},
                 {{{rank(C), 1}}, 0, 64},
                 {{{rank(R), 1}}, 0, 3},
                 {{{rank(S), 1}}, 0, 3}}}};
  op.output = {kO,
               Role::output,
               {{{{rank(K), 1}}, 0, 64}, {{{rank(P), 1}}, 0, 56}, {{{rank(Q), 1}}, 0, 56}},
               8,
               24};
  return op;
}

Architecture machine() {
  Architecture arch;
  arch.name = "three_levels";
  arch.memories.push_back({.name = "DRAM",
                           .ports = {.read = 64, .write = 64, .shared = {}},
                           .read = {{200}, ""},
                           .write = {{200}, ""}});
  arch.memories.push_back({.name = "GlobalBuffer",
                           .capacity = Bits{1 << 20},
                           .ports = {.read = 512, .write = 512, .shared = {}},
                           .read = {{6}, ""},
                           .write = {{6}, ""}});
  arch.memories.push_back(
      {.name = "Registers", .capacity = Bits{1 << 12}, .read = {{1}, ""}, .write = {{1}, ""}});
  arch.axes.push_back({.name = "x", .size = 16, .hop = {}, .below = 2});
  arch.axes.push_back({.name = "y", .size = 16, .hop = {}, .below = 2});
  return arch;
}

/// Random perfect tiles in three temporal levels and a spatial one, loops in random order; loops of
/// one trip are left out.
std::vector<PathNode> draw(Random& random, const Operator& op) {
  std::vector<std::vector<PathNode>> level(4);  // DRAM, GlobalBuffer, spatial, registers
  for (const RankId rank : ids<RankId>(op.ranks.size())) {
    std::int64_t tile = op.rank(rank).extent;
    const auto shrink = [&](std::size_t l, std::int64_t to, std::optional<AxisId> axis) {
      if (to < tile) level[l].push_back(Loop{kOp, rank, to, axis});
      tile = to;
    };
    const auto divisor = [&] {
      const std::vector<std::int64_t> choices = divisors(tile);
      return choices[random.below(choices.size())];
    };
    shrink(0, divisor(), std::nullopt);
    shrink(1, divisor(), std::nullopt);
    if (index(rank) < 2) shrink(2, divisor(), static_cast<AxisId>(index(rank)));
    shrink(3, 1, std::nullopt);
  }
  std::vector<PathNode> path;
  for (std::size_t l = 0; l < level.size(); ++l) {
    if (l != 2) {
      const auto memory = static_cast<MemoryId>(l == 3 ? 2 : l);
      for (const TensorId tensor : {kI, kW, kO}) path.push_back(Store{tensor, memory});
    }
    for (std::size_t i = level[l].size(); i > 1; --i) {
      std::swap(level[l][i - 1], level[l][random.below(i)]);
    }
    for (const PathNode& node : level[l]) path.push_back(node);
  }
  return path;
}

std::vector<std::vector<PathNode>> mappings(std::size_t count, const Operator& op) {
  Random random(7);
  std::vector<std::vector<PathNode>> drawn;
  while (drawn.size() < count) drawn.push_back(draw(random, op));
  return drawn;
}

void quick(benchmark::State& state) {
  const Operator op = convolution();
  const Architecture arch = machine();
  const auto drawn = mappings(1000, op);
  cost::Evaluator evaluator(op, arch);
  for (const auto& path : drawn) evaluator(path);
  std::size_t i = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(evaluator(drawn[i]));
    i = i + 1 == drawn.size() ? 0 : i + 1;
  }
}
BENCHMARK(quick);

void quick_first_time(benchmark::State& state) {
  const Operator op = convolution();
  const Architecture arch = machine();
  const auto drawn = mappings(20000, op);
  std::size_t i = 0;
  cost::Evaluator evaluator(op, arch);
  for (auto _ : state) {
    benchmark::DoNotOptimize(evaluator(drawn[i]));
    i = i + 1 == drawn.size() ? 0 : i + 1;
  }
}
BENCHMARK(quick_first_time)->Iterations(20000);

void full(benchmark::State& state) {
  const Operator op = convolution();
  const Architecture arch = machine();
  const auto drawn = mappings(200, op);
  std::size_t i = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(cost::evaluate(op, arch, drawn[i]));
    i = i + 1 == drawn.size() ? 0 : i + 1;
  }
}
BENCHMARK(full);

}  // namespace
