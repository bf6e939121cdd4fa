#include "tileloom/mapper/exact/product/search.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <functional>

#include "tileloom/cost/evaluator.hpp"
#include "tileloom/loop_tree/path_rules.hpp"
#include "tileloom/mapper/exact/exact.hpp"
#include "tileloom/mapper/exact/level_search.hpp"
#include "tileloom/support/factors.hpp"
#include "tileloom/support/random.hpp"
#include "tileloom/workload/make.hpp"

namespace tileloom::mapper::product {
namespace {

/// A machine of two or three memories and up to two axes with random abilities, every figure small.
Architecture random_machine(Random& random) {
  Architecture arch;
  arch.name = "tiny";
  const std::int64_t memories = random.between(2, 3);
  for (std::int64_t m = 0; m < memories; ++m) {
    Memory memory;
    memory.name = "M" + std::to_string(m);
    if (m > 0) memory.capacity = Bits{8 * random.between(2, 24)};
    memory.read.value.value =
        static_cast<double>(random.between(1, 64)) / static_cast<double>(m + 1);
    memory.write.value.value =
        static_cast<double>(random.between(1, 64)) / static_cast<double>(m + 1);
    if (random.below(2) == 0) memory.ports.read = static_cast<double>(random.between(1, 32));
    if (random.below(3) == 0) memory.ports.write = static_cast<double>(random.between(1, 32));
    if (random.below(4) == 0) memory.ports.shared = static_cast<double>(random.between(4, 48));
    memory.double_buffered = m > 0 && random.below(4) == 0;
    if (m > 0) {
      for (bool& holds : memory.holds) holds = random.below(4) != 0;
    }
    arch.memories.push_back(memory);
  }
  std::size_t below = 1;
  for (std::int64_t a = random.between(0, 2); a > 0; --a) {
    SpatialAxis axis;
    axis.name = "a" + std::to_string(a);
    axis.size = random.between(2, 4);
    axis.multicast = random.below(3) != 0;
    axis.reduce = random.below(3) != 0;
    axis.hop.value.value = static_cast<double>(random.below(3)) * 0.25;
    below = static_cast<std::size_t>(random.between(static_cast<std::int64_t>(below), memories));
    axis.below = below;
    arch.axes.push_back(axis);
  }
  for (Memory& memory : arch.memories) {
    for (const AxisId axis : ids<AxisId>(arch.axes.size())) {
      const auto m = static_cast<std::size_t>(&memory - &*arch.memories.begin());
      if (arch.axes[axis].below <= m && random.below(5) == 0) memory.shared_along.push_back(axis);
    }
  }
  arch.compute.mac.value.value = 1;
  return arch;
}

/// A small matrix multiplication or convolution with stride, dilation and padding.
Workload random_work(Random& random) {
  const ElementBits bits{8, 8, 8, random.below(2) == 0 ? 8 : 16};
  if (random.below(3) == 0) {
    return one_matmul("mm",
                      {.batch = 1,
                       .m = random.between(1, 4),
                       .n = random.between(1, 3),
                       .k = random.between(1, 4)},
                      bits);
  }
  std::vector<ConvAxis> axes;
  for (std::int64_t n = random.between(1, 2); n > 0; --n) {
    ConvAxis axis{.output = random.between(1, 4), .filter = random.between(1, 3)};
    axis.stride = random.between(1, 2);
    axis.dilation = random.between(1, 2);
    axis.pad_before = random.between(0, axis.filter - 1);
    axis.pad_after = axis.pad_before;
    if ((axis.output - 1) * axis.stride + (axis.filter - 1) * axis.dilation + 1 <=
        2 * axis.pad_before) {
      axis.pad_before = axis.pad_after = 0;
    }
    axes.push_back(axis);
  }
  return one_conv("conv",
                  {.batch = 1,
                   .in_channels = random.between(1, 2),
                   .out_channels = random.between(1, 2),
                   .groups = 1,
                   .axes = axes},
                  bits);
}

/// Visits every mapping of the space of docs/exact_mapper.md, section 1, by plain recursion: homes,
/// then Stores in every order, between them every set of temporal loops in every order, spatial
/// loops directly above the first Store inside their axis.
class BruteForce {
 public:
  BruteForce(const MapSpace& space, std::int64_t limit) : space_(space), limit_(limit) {}

  bool run(const std::function<void(std::span<const PathNode>)>& visit) {
    visit_ = &visit;
    for (const std::vector<std::uint32_t>& keeps : placements(space_)) {
      path_.clear();
      left_ = keeps;
      std::size_t innermost_home = 0;
      for (std::size_t o = 0; o < keeps.size(); ++o) {
        const Resident& resident = space_.residents[o];
        path_.push_back(Store{resident.tensor, resident.home});
        left_[o] &= ~(std::uint32_t{1} << index(resident.home));
        innermost_home = std::max(innermost_home, index(resident.home));
      }
      next_axis_ = 0;
      while (next_axis_ < space_.arch->axes.size() &&
             space_.arch->axes[static_cast<AxisId>(next_axis_)].below <= innermost_home) {
        ++next_axis_;
      }
      tiles_.clear();
      for (const Rank& rank : space_.op->ranks) tiles_.push_back(rank.extent);
      temporal(0, false);
    }
    return seen_ <= limit_;
  }

 private:
  /// Adds temporal loops over ranks not in `used` in any order, then goes on.
  void temporal(std::uint32_t used, bool done) {
    if (seen_ > limit_) return;
    if (!done) temporal(used, true);
    if (done) {
      next_store();
      return;
    }
    for (std::size_t r = 0; r < tiles_.size(); ++r) {
      if ((used >> r & 1) != 0) continue;
      const std::int64_t tile = tiles_[r];
      for (const std::int64_t trips : divisors(tile)) {
        if (trips == 1) continue;
        tiles_[r] = tile / trips;
        path_.push_back(Loop{space_.id, static_cast<RankId>(r), tiles_[r], std::nullopt});
        temporal(used | std::uint32_t{1} << r, false);
        path_.pop_back();
      }
      tiles_[r] = tile;
    }
  }

  void next_store() {
    bool any = false;
    for (std::size_t o = 0; o < left_.size(); ++o) {
      if (left_[o] == 0) continue;
      any = true;
      const auto memory = static_cast<MemoryId>(std::countr_zero(left_[o]));
      // Stores outside an axis come before those inside.
      const bool early = std::ranges::any_of(left_, [&](std::uint32_t other) {
        if (other == 0) return false;
        const auto outer = static_cast<MemoryId>(std::countr_zero(other));
        return std::ranges::any_of(space_.arch->axes, [&](const SpatialAxis& axis) {
          return axis.below <= index(memory) && axis.below > index(outer);
        });
      });
      if (early) continue;
      spatial(memory, next_axis_, 0, space_.arch->axes.empty() ? 1 : room(next_axis_), o);
    }
    if (!any) spatial(std::nullopt, next_axis_, 0, room(next_axis_), 0);
  }

  std::int64_t room(std::size_t axis) const {
    return axis < space_.arch->axes.size() ? space_.arch->axes[static_cast<AxisId>(axis)].size : 1;
  }

  /// Spatial loops of the axes outside `memory` (or all), then the Store (or the lanes).
  void spatial(std::optional<MemoryId> memory, std::size_t axis, std::size_t rank,
               std::int64_t room_left, std::size_t operand) {
    if (seen_ > limit_) return;
    const bool due = axis < space_.arch->axes.size() &&
                     (!memory || space_.arch->axes[static_cast<AxisId>(axis)].below <=
                                     index(*memory));
    if (!due) {
      const std::size_t before = next_axis_;
      next_axis_ = axis;
      place(memory, operand);
      next_axis_ = before;
      return;
    }
    if (rank == tiles_.size()) {
      spatial(memory, axis + 1, 0, room(axis + 1), operand);
      return;
    }
    const std::int64_t tile = tiles_[rank];
    for (const std::int64_t trips : divisors(tile)) {
      if (trips > room_left) break;
      tiles_[rank] = tile / trips;
      if (trips > 1) {
        path_.push_back(Loop{space_.id, static_cast<RankId>(rank), tiles_[rank],
                             static_cast<AxisId>(axis)});
      }
      spatial(memory, axis, rank + 1, room_left / trips, operand);
      if (trips > 1) path_.pop_back();
    }
    tiles_[rank] = tile;
  }

  void place(std::optional<MemoryId> memory, std::size_t operand) {
    if (!memory) {
      if (std::ranges::all_of(tiles_, [](std::int64_t tile) { return tile == 1; })) {
        ++seen_;
        if (seen_ <= limit_) (*visit_)(path_);
      }
      return;
    }
    left_[operand] &= ~(std::uint32_t{1} << index(*memory));
    path_.push_back(Store{space_.residents[operand].tensor, *memory});
    temporal(0, false);
    path_.pop_back();
    left_[operand] |= std::uint32_t{1} << index(*memory);
  }

  const MapSpace& space_;
  std::int64_t limit_;
  std::int64_t seen_ = 0;
  const std::function<void(std::span<const PathNode>)>* visit_ = nullptr;
  std::vector<PathNode> path_;
  std::vector<std::uint32_t> left_;
  std::vector<std::int64_t> tiles_;
  std::size_t next_axis_ = 0;
};

const std::vector<std::string> kObjectives{"latency", "energy", "edp", "latency,energy",
                                           "energy,latency"};

std::vector<std::optional<cost::Score>> optima(const Workload& workload, const MapSpace& space,
                                               std::int64_t limit, bool& all) {
  std::vector<std::optional<cost::Score>> best(kObjectives.size());
  cost::Evaluator evaluator(*space.op, *space.arch);
  all = BruteForce(space, limit).run([&](std::span<const PathNode> path) {
    const CheckedPath checked{workload, *space.arch, space.id, path};
    const cost::QuickCost cost = evaluator(path);
    if (!cost.fits || !broken_rules(checked).empty()) return;
    for (std::size_t i = 0; i < kObjectives.size(); ++i) {
      const cost::Score score =
          cost::score(*cost::parse_objective(kObjectives[i]),
                      Cycles{static_cast<std::int64_t>(cost.cycles)}, Picojoules{cost.picojoules});
      if (!best[i] || score < *best[i]) best[i] = score;
    }
  });
  return best;
}

#ifdef __SANITIZE_ADDRESS__
constexpr int kProblems = 20;
#else
constexpr int kProblems = 250;
#endif

/// Eight seeds, so that 2000 problems are spread over as many tests.
class ProductSearchTest : public testing::TestWithParam<int> {};

TEST_P(ProductSearchTest, EqualsBruteForceOnTinyProblemsForEveryObjective) {
  Random random(20261121 + static_cast<std::uint64_t>(GetParam()));
  const Constraints none;
  int problems = 0;
  for (int attempt = 0; attempt < 100 * kProblems && problems < kProblems; ++attempt) {
    const Architecture arch = random_machine(random);
    const Workload workload = random_work(random);
    const MapSpace space = make_map_space(workload, OperatorId{0}, arch, none);
    if (!survey(space)) continue;
    bool all = false;
    const auto best = optima(workload, space, 20000, all);
    if (!all) continue;
    ++problems;
    for (std::size_t i = 0; i < kObjectives.size(); ++i) {
      const cost::Objective objective = *cost::parse_objective(kObjectives[i]);
      const Problem problem{workload, OperatorId{0}, arch, objective, none};
      const MapResult result = ExactMapper().map(problem, {.evaluations = 1'000'000}, nullptr);
      if (!best[i]) {
        EXPECT_FALSE(result.tree) << "problem " << attempt;
        continue;
      }
      ASSERT_EQ(result.proof, Proof::optimal) << "problem " << attempt << " " << kObjectives[i];
      const cost::Score found =
          cost::score(objective, result.evaluation->latency.total, result.evaluation->energy);
      EXPECT_NEAR(found.first, best[i]->first, 1e-9 * found.first)
          << "problem " << attempt << " " << kObjectives[i];
      EXPECT_NEAR(found.second, best[i]->second, 1e-9 * found.second + 1e-12)
          << "problem " << attempt << " " << kObjectives[i];
      // Stopped early, the bound holds and the mapping is no better than the best.
      const MapResult stopped = ExactMapper().map(problem, {.evaluations = 5 << i}, nullptr);
      EXPECT_LE(stopped.lower_bound.first, best[i]->first * (1 + 1e-9)) << "problem " << attempt;
    }
  }
  EXPECT_EQ(problems, kProblems);
}

INSTANTIATE_TEST_SUITE_P(Seeds, ProductSearchTest, testing::Range(0, 8));

TEST(ProductSearch, ABoxThatFallsBackKeepsWhatItShares) {
  // K, store W, P, store I: when K moves, P falls back, and the input box keeps what its first and
  // last places share. Such visits cost less than a whole pass over the inputs.
  const Constraints none;
  int problems = 0;
  for (std::int64_t capacity = 3; capacity <= 12; ++capacity) {
    for (const std::int64_t output : {2, 3, 4}) {
      for (const std::int64_t channels : {2, 4}) {
        Architecture arch;
        for (const char* name : {"outer", "inner"}) {
          Memory memory;
          memory.name = name;
          memory.read.value.value = 1;
          memory.write.value.value = 1;
          memory.shared_along.clear();
          arch.memories.push_back(memory);
        }
        Memory& inner = arch.memories[MemoryId{1}];
        inner.capacity = Bits{8 * capacity};
        inner.read.value.value = inner.write.value.value = 0.01;
        const Workload workload =
            one_conv("conv",
                     {.batch = 1,
                      .in_channels = 1,
                      .out_channels = channels,
                      .groups = 1,
                      .axes = {{.output = output, .filter = 3}}},
                     {8, 8, 8, 8});
        const MapSpace space = make_map_space(workload, OperatorId{0}, arch, none);
        ASSERT_TRUE(survey(space));
        bool all = false;
        const auto best = optima(workload, space, 200'000, all);
        if (!all) continue;
        ++problems;
        const cost::Objective energy{cost::Metric::energy, std::nullopt};
        const Problem problem{workload, OperatorId{0}, arch, energy, none};
        const MapResult result = ExactMapper().map(problem, {}, nullptr);
        ASSERT_EQ(result.proof, Proof::optimal);
        EXPECT_NEAR(result.evaluation->energy.value, best[1]->first, 1e-9 * best[1]->first)
            << capacity << " " << output << " " << channels;
      }
    }
  }
  EXPECT_EQ(problems, 60);
}

TEST(ProductSearch, FindsWhatOnlyUnevenPlacementAllows) {
  // Energy of a random tiny machine where Stores of one memory with loops between them win: the
  // level-structured search cannot reach it.
  Random random(77);
  const Constraints none;
  int better = 0;
  for (int attempt = 0; attempt < 60; ++attempt) {
    const Architecture arch = random_machine(random);
    const Workload workload = random_work(random);
    const MapSpace space = make_map_space(workload, OperatorId{0}, arch, none);
    if (!survey(space)) continue;
    const Problem problem{workload, OperatorId{0}, arch, {cost::Metric::energy, std::nullopt}, none};
    const MapResult free = ExactMapper().map(problem, {}, nullptr);
    const MapResult level = search_levels(problem, space, {}, nullptr);
    if (free.proof != Proof::optimal || level.proof != Proof::optimal) continue;
    EXPECT_LE(free.evaluation->energy.value, level.evaluation->energy.value * (1 + 1e-9));
    if (free.evaluation->energy.value < level.evaluation->energy.value * (1 - 1e-9)) ++better;
  }
  EXPECT_GT(better, 0);
}

}  // namespace
}  // namespace tileloom::mapper::product
