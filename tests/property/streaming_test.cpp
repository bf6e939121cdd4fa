// Which weights a stack of scheduler/exact streams: the best of all sets.

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <map>

#include "random_mapper.hpp"
#include "small_machine.hpp"
#include "small_transformer.hpp"
#include "stack_computes.hpp"
#include "tileloom/reference/random_tree.hpp"

namespace tileloom::scheduler {
namespace {

using exact::StackChoice;
using exact::WeightSet;

/// A whole network as one stack, its runs mapped at random.
class WholeStack {
 public:
  WholeStack(Workload workload, Architecture arch, bool less_room)
      : workload_(std::move(workload)), arch_(std::move(arch)) {
    budget_.evaluations = 20;
    runs_.emplace(problem_, *mapper_, budget_, *exact::stack_memories(arch_));
    space_.emplace(problem_, *exact::stack_memories(arch_), *runs_, less_room);
  }
  WholeStack(const WholeStack&) = delete;
  WholeStack& operator=(const WholeStack&) = delete;

  const NetworkProblem& problem() const { return problem_; }
  const exact::StackSpace& space() const { return *space_; }
  exact::Range range() const { return {0, workload_.operators.size() - 1}; }
  std::map<WeightSet, StackChoice> every_set(exact::Tiling tiling) const {
    std::map<WeightSet, StackChoice> found;
    const WeightSet all = exact::first_weights(space_->frames().weights(range()).size());
    for (tiling.streamed = 0; tiling.streamed <= all; ++tiling.streamed)
      if (const auto choice = space_->cost_as_streamed(range(), tiling))
        found.emplace(tiling.streamed, *choice);
    return found;
  }

 private:
  Workload workload_;
  Architecture arch_;
  mapper::Constraints none_;
  std::unique_ptr<mapper::Mapper> mapper_ = random_mapper();
  Budget budget_;
  NetworkProblem problem_{workload_, arch_, {cost::Metric::edp, {}}, none_};
  std::optional<exact::RunMapper> runs_;
  std::optional<exact::StackSpace> space_;
};

/// Latency, energy, bits from outside and, if it counts, room.
bool is_as_good(const StackChoice& a, const StackChoice& b, bool less_room) {
  const double slack = 1 + 1e-12;
  return a.latency <= b.latency && a.energy.value <= b.energy.value * slack &&
         a.home_bits <= b.home_bits * slack && (!less_room || a.inner_bits <= b.inner_bits);
}

/// Three products of 6 rows one by one: X [6, 4], W1 [4, 10], W2 [10, 3], W3 [3, 7], 40, 30 and 21
/// elements, all of 8 bits. Beside weights live X and Y (11) and T1 (10), T1 and T2 (13), T2 (3):
/// 21, 24 and 14 elements while the first, second and third run. A streamed weight takes room only
/// while its own operator runs. So with these streamed the fullest moment holds
///     none 91+24 = 115   W1 91+21 = 112   W2 91+24 = 115   W3 max(70+24, 91+14) = 105
///     W1, W2 61+21 = 82  W1, W3 70+21 = 91  W2, W3 70+24 = 94  all 40+21 = 61
/// elements, and every streamed weight is fetched five times more.
TEST(Streaming, TakesTheWeightsThatCostLeastOfThoseThatLeaveEnoughRoom) {
  ProductNetwork net({{'m', 6}, {'i', 4}, {'a', 10}, {'b', 3}, {'c', 7}});
  const TensorId x = net.tensor("mi", TensorKind::input);
  const TensorId w1 = net.tensor("ia", TensorKind::constant);
  const TensorId w2 = net.tensor("ab", TensorKind::constant);
  const TensorId w3 = net.tensor("bc", TensorKind::constant);
  const TensorId t1 = net.product(x, "mi", w1, "ia", "ma");
  const TensorId t2 = net.product(t1, "ma", w2, "ab", "mb");
  net.product(t2, "mb", w3, "bc", "mc", TensorKind::output);
  Workload workload = net.finish();
  for (const OperatorId op : ids<OperatorId>(3)) workload.operators[op].output.partial_bits = 8;
  Random random(3);
  Architecture arch = tileloom::small_machine(random);
  const exact::Tiling rows{{{RankId{0}, 1}}, exact::Overlap::row};
  struct Expected {
    std::int64_t elements = 0;
    WeightSet streamed = 0;  // W1, W2, W3: 1, 2, 4
    std::int64_t extra = 0;
  };
  for (const Expected& at : {Expected{115, 0, 0}, Expected{114, 4, 21}, Expected{105, 4, 21},
                             Expected{104, 6, 51}, Expected{94, 6, 51}, Expected{93, 5, 61},
                             Expected{90, 3, 70}, Expected{81, 7, 91}, Expected{61, 7, 91}}) {
    arch.memories[MemoryId{1}].capacity = Bits{8 * at.elements};
    const WholeStack stack(workload, arch, false);
    const std::vector<StackChoice> found = stack.space().costs(stack.range(), rows);
    ASSERT_FALSE(found.empty()) << at.elements;
    EXPECT_EQ(found.front().tiling.streamed, at.streamed) << at.elements;
    EXPECT_EQ(found.front().home_bits, static_cast<double>(8 * (6 * (4 + 7) + 91 + 5 * at.extra)))
        << at.elements;
  }
  arch.memories[MemoryId{1}].capacity = Bits{8 * 60};
  const WholeStack stack(workload, arch, false);
  EXPECT_TRUE(stack.space().costs(stack.range(), rows).empty());
}

/// Four products, each of the one before.
Workload products_in_a_row(Random& random) {
  const std::string widths = "abcde";
  std::vector<std::pair<char, std::int64_t>> extents{{'m', random.between(2, 8)}};
  for (const char width : widths) extents.emplace_back(width, random.between(1, 8));
  ProductNetwork net(extents);
  TensorId made = net.tensor({'m', widths[0]}, TensorKind::input);
  for (std::size_t i = 0; i < 4; ++i) {
    const std::string axes = widths.substr(i, 2);
    const TensorId weight = net.tensor(axes, TensorKind::constant);
    made = net.product(made, {'m', axes[0]}, weight, axes, {'m', axes[1]},
                       i == 3 ? TensorKind::output : TensorKind::intermediate);
  }
  return net.finish();
}

Workload network_with_weights(Random& random) {
  const std::int64_t kind = random.between(0, 3);
  if (kind == 0) return small_mlp(random);
  return kind == 1 ? products_in_a_row(random) : reference::random_stack(random).workload;
}

/// Every set of weights of every tiling: none is better than those found, also where room counts,
/// and none is better than the bound. Streaming one more never costs less nor takes more room.
TEST(Streaming, NoSetOfWeightsIsBetter) {
  Random random(717);
  int cheaper = 0;  // than streaming the largest one after the other
  int several = 0;
  int more_than_needed = 0;
  for (int i = 0; i < 60; ++i) {
    const bool less_room = i % 3 == 0;
    Workload workload = network_with_weights(random);
    Architecture arch = tileloom::small_machine(random);
    if (workload.operators.size() > 4) continue;
    arch.memories[MemoryId{1}].double_buffered = random.below(3) == 0;
    const WholeStack stack(std::move(workload), std::move(arch), less_room);
    const std::vector<exact::Tiling> tilings = stack.space().tilings().tilings(stack.range());
    for (std::size_t t = 0; t < tilings.size(); t += 3) {
      const std::map<WeightSet, StackChoice> all = stack.every_set(tilings[t]);
      const std::vector<StackChoice> found = stack.space().costs(stack.range(), tilings[t]);
      ASSERT_EQ(found.empty(), all.empty()) << "case " << i;
      if (all.empty()) continue;
      const auto bound = stack.space().bound(stack.range(), tilings[t]);
      ASSERT_TRUE(bound) << "case " << i;
      for (const StackChoice& one : found) {
        const StackChoice& same = all.at(one.tiling.streamed);
        ASSERT_EQ(one.latency, same.latency) << "case " << i;
        ASSERT_NEAR(one.energy.value, same.energy.value, 1e-12 * same.energy.value);
        ASSERT_EQ(one.inner_bits, same.inner_bits) << "case " << i;
        more_than_needed += less_room && all.contains(0) && one.tiling.streamed != 0 ? 1 : 0;
      }
      for (const auto& [set, choice] : all) {
        ASSERT_TRUE(is_as_good(*bound, choice, less_room)) << "case " << i << " set " << set;
        ASSERT_TRUE(std::ranges::any_of(found,
                                        [&, &choice = choice](const StackChoice& known) {
                                          return is_as_good(known, choice, less_room);
                                        }))
            << "case " << i << " set " << set;
        for (const auto& [more, other] : all) {
          if ((more & set) != set) continue;
          ASSERT_TRUE(is_as_good(choice, other, false)) << "case " << i << " set " << more;
          ASSERT_GE(choice.inner_bits, other.inner_bits) << "case " << i << " set " << more;
        }
      }
      const auto largest = std::ranges::find_if(
          all, [](const auto& at) { return std::has_single_bit(at.first + 1); });
      cheaper += found.front().home_bits < largest->second.home_bits ? 1 : 0;
      several += found.size() > 1 ? 1 : 0;
    }
  }
  EXPECT_GT(cheaper, 0);
  EXPECT_GT(several, 0);
  EXPECT_GT(more_than_needed, 0);
}

/// X · W, · V and · W again: the first and the last read the same weights, each for itself if they
/// are streamed.
TEST(Streaming, WeightsOfSeveralOperatorsAreFetchedByEach) {
  ProductNetwork net({{'m', 6}, {'i', 4}, {'a', 4}, {'b', 4}, {'c', 4}});
  const TensorId x = net.tensor("mi", TensorKind::input);
  const TensorId w = net.tensor("ia", TensorKind::constant);
  const TensorId v = net.tensor("ab", TensorKind::constant);
  const TensorId t1 = net.product(x, "mi", w, "ia", "ma");
  const TensorId t2 = net.product(t1, "ma", v, "ab", "mb");
  net.product(t2, "mb", w, "bc", "mc", TensorKind::output);
  Random random(3);
  Architecture arch = tileloom::small_machine(random);
  arch.memories[MemoryId{1}].capacity = std::nullopt;
  const WholeStack stack(net.finish(), arch, false);
  ASSERT_EQ(stack.space().frames().weights(stack.range()).size(), 2);
  exact::Tiling rows{{{RankId{0}, 2}}, exact::Overlap::row};
  std::vector<double> bits;
  for (const TensorId streamed : {x, w, v}) {
    const std::vector<TensorId>& weights = stack.space().frames().weights(stack.range());
    const auto at = std::ranges::find(weights, streamed);
    rows.streamed = at == weights.end() ? 0 : 1U << (at - weights.begin());
    bits.push_back(stack.space().cost_as_streamed(stack.range(), rows)->home_bits);
    expect_computes(stack.problem(), stack.space(), stack.range(), rows);
  }
  // In 3 tiles: 16 elements, fetched once; six times; three times.
  EXPECT_EQ(bits[1] - bits[0], 8 * 16 * 5);
  EXPECT_EQ(bits[2] - bits[0], 8 * 16 * 2);
}

}  // namespace
}  // namespace tileloom::scheduler
