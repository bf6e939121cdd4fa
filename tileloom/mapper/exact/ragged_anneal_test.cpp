#include "tileloom/mapper/exact/ragged_anneal.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "tileloom/cost/evaluate.hpp"
#include "tileloom/loop_tree/check.hpp"
#include "tileloom/mapper/exact/level_brute_force_test.hpp"
#include "tileloom/mapper/exact/ragged_moves.hpp"
#include "tileloom/mapper/exact/random_machine_test.hpp"
#include "tileloom/support/effort_test.hpp"

namespace tileloom::mapper {
namespace {

const Constraints kFreely;
const cost::Objective kEdp{cost::Metric::edp, std::nullopt};

/// The score of a path that breaks no rule, unless it does not fit.
std::optional<cost::Score> score_of(const MapSpace& space, const std::vector<PathNode>& path) {
  const cost::Evaluation evaluation = cost::evaluate(*space.op, *space.arch, path);
  if (!std::ranges::all_of(evaluation.occupancy, &cost::Occupancy::fits)) return std::nullopt;
  return cost::score(kEdp, evaluation.latency.total, evaluation.energy);
}

/// Calls `use` with random small problems whose plain mapping fits.
template <class Use>
void for_random_problems(std::uint64_t seed, int problems, const Use& use) {
  Random random(seed);
  for (int attempt = 0; attempt < 100 * problems && problems > 0; ++attempt) {
    const Architecture arch = random_machine(random, 1);
    const Workload workload = random_work(random, 2, 1);
    const MapSpace space = make_map_space(workload, OperatorId{0}, arch, kFreely);
    const std::vector<PathNode> plain = path_of(space, trivial_point(space));
    const std::optional<cost::Score> score = score_of(space, plain);
    if (!score || !use(space, Polished{*score, plain, 0}, random)) continue;
    --problems;
  }
  EXPECT_EQ(problems, 0);
}

// No axis of these machines shares a memory, so every path that a move vouches for is legal.
TEST(RaggedMoves, LeavePathsThatTheCheckerAcceptsUpToCapacity) {
  int changed = 0;
  int ragged = 0;
  for_random_problems(7, 40, [&](const MapSpace& space, const Polished& plain, Random& random) {
    RaggedMoves moves(space);
    std::vector<PathNode> here = plain.path;
    for (int i = 0; i < 300; ++i) {
      std::vector<PathNode> next = here;
      if (!moves(next, random)) continue;
      const std::vector<Violation> violations =
          check(*space.workload, *space.arch, LoopTree{next, ComputeLeaf{space.id}});
      const bool legal = std::ranges::all_of(violations, [](const Violation& violation) {
        return violation.kind == Violation::Kind::capacity;
      });
      EXPECT_TRUE(legal) << violations.front().what;
      if (!legal) break;
      ++changed;
      for (const PathNode& node : next) {
        const Loop* loop = std::get_if<Loop>(&node);
        if (loop == nullptr) continue;
        if (space.op->ranks[index(loop->rank)].extent % loop->tile != 0) ++ragged;
      }
      here = next;
    }
    return true;
  });
  EXPECT_GT(changed, 2000);
  EXPECT_GT(ragged, 500);
}

// 10 values of M in tiles of at most 4: three of them, if the tile outside is 8 (8 + 2, cut into
// 4 + 4 and 2). No number of trips gives both: two make 5, and that makes 4 tiles of 3.
TEST(RaggedMoves, ReachTilesThatNoNumberOfTripsGives) {
  const Workload workload = one_matmul("mm", {.m = 10, .n = 1, .k = 1}, {8, 8, 8, 8});
  Architecture arch;
  arch.name = "two buffers";
  for (const char* name : {"DRAM", "L2", "L1"}) arch.memories.push_back({.name = name});
  const MapSpace space = make_map_space(workload, OperatorId{0}, arch, kFreely);
  RaggedMoves moves(space);
  Random random(1);
  std::vector<PathNode> here = path_of(space, trivial_point(space));
  bool reached = false;
  for (int i = 0; i < 20'000 && !reached; ++i) {
    std::vector<PathNode> next = here;
    if (!moves(next, random)) continue;
    here = next;
    std::vector<std::int64_t> tiles;
    for (const PathNode& node : here) {
      if (const Loop* loop = std::get_if<Loop>(&node)) tiles.push_back(loop->tile);
    }
    reached = tiles == std::vector<std::int64_t>{8, 4, 1};
  }
  EXPECT_TRUE(reached);
}

TEST(RaggedAnneal, FindsWhatEnumerationOfTheLevelsFindsForMostTinyProblems) {
  constexpr int kProblems = 40;
  int reached = 0;
  for_random_problems(8, effort(kProblems), [&](const MapSpace& space, const Polished& plain,
                                                Random&) {
    std::optional<cost::Score> best;
    const bool all = LevelBruteForce(space, Factors::imperfect, 1000).run([&](const Point& point) {
      if (!legal(space, point)) return;
      const std::optional<cost::Score> score = score_of(space, path_of(space, point));
      if (score && (!best || *score < *best)) best = score;
    });
    if (!all || !best) return false;
    const Polished found = anneal_ragged(space, kEdp, plain, {}, {.evaluations = 2000});
    EXPECT_LE(found.evaluations, 2000);
    const std::optional<cost::Score> again = score_of(space, found.path);
    EXPECT_TRUE(again && again->first <= found.score.first * (1 + 1e-9));
    if (found.score.first <= best->first * (1 + 1e-9)) ++reached;
    return true;
  });
  EXPECT_GE(reached, effort(kProblems) * 9 / 10);
}

}  // namespace
}  // namespace tileloom::mapper
