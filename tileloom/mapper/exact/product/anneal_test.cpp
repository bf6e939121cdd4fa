#include "tileloom/mapper/exact/product/anneal.hpp"

#include <gtest/gtest.h>

#include "tileloom/cost/evaluator.hpp"
#include "tileloom/loop_tree/path_rules.hpp"
#include "tileloom/mapper/exact/product/brute_force_test.hpp"
#include "tileloom/mapper/exact/product/sketch_moves.hpp"

namespace tileloom::mapper::product {
namespace {

const Constraints kFreely;
const cost::Objective kEdp{cost::Metric::edp, std::nullopt};

/// Calls `use` with random small problems that the product search covers and that are feasible.
template <class Use>
void for_random_problems(std::uint64_t seed, int problems, const Use& use) {
  Random random(seed);
  for (int attempt = 0; attempt < 100 * problems && problems > 0; ++attempt) {
    const Architecture arch = random_machine(random);
    const Workload workload = random_work(random);
    const MapSpace space = make_map_space(workload, OperatorId{0}, arch, kFreely);
    const std::optional<Terrain> terrain = survey(space);
    if (!terrain) continue;
    cost::Evaluator evaluator(*space.op, arch);
    Start plain;
    plain.path = path_of(space, trivial_point(space));
    const cost::QuickCost quick = evaluator(plain.path);
    if (!quick.fits) continue;
    plain.score = cost::score(kEdp, Cycles{static_cast<std::int64_t>(quick.cycles)},
                              Picojoules{quick.picojoules});
    --problems;
    use(workload, *terrain, plain, random);
  }
  EXPECT_EQ(problems, 0);
}

TEST(Sketch, LegalMeansTheRulesOfAPathAndPathsComeBack) {
  int legal_ones = 0;
  int illegal_ones = 0;
  for_random_problems(5, 40, [&](const Workload& workload, const Terrain& terrain,
                                 const Start& plain, Random& random) {
    const SketchMoves moves(terrain);
    Sketch here = sketch_of(terrain, plain.path);
    std::vector<PathNode> path;
    for (int i = 0; i < 200; ++i) {
      Sketch next = here;
      moves(next, random);
      write_path(terrain, next, path);
      std::vector<PathNode> again;
      write_path(terrain, sketch_of(terrain, path), again);
      EXPECT_EQ(path, again);
      bool room = true;
      for (std::size_t a = 0; a < terrain.open.size(); ++a) {
        std::int64_t positions = 1;
        for (std::size_t r = 0; r < terrain.extents.size(); ++r) {
          positions *= next.spread[a * terrain.extents.size() + r];
        }
        room = room && positions <= terrain.open[a].size;
      }
      const CheckedPath checked{workload, *terrain.space->arch, terrain.space->id, path};
      const bool obeys = room && broken_rules(checked).empty();
      ASSERT_EQ(legal(terrain, next), obeys);
      ++(obeys ? legal_ones : illegal_ones);
      if (obeys) here = next;
    }
  });
  EXPECT_GT(legal_ones, 2000);
  EXPECT_GT(illegal_ones, 100);
}

TEST(Anneal, FindsTheOptimumOfMostTinyProblemsAndNeverLess) {
  int reached = 0;
  int improved = 0;
  for_random_problems(6, 60, [&](const Workload&, const Terrain& terrain, const Start& plain,
                                 Random&) {
    const Start found = anneal(terrain, kEdp, plain, {.evaluations = 2000});
    const Improve none = [](const Start& known) { return known; };
    const Found best = search(terrain, kEdp, {.evaluations = 1'000'000}, none, nullptr);
    ASSERT_TRUE(best.proved);
    EXPECT_LE(found.evaluations, 2000);
    EXPECT_GE(found.score->first, best.score->first * (1 - 1e-9));
    EXPECT_LE(found.score->first, plain.score->first);
    if (found.score->first <= best.score->first * (1 + 1e-9)) ++reached;
    if (found.score->first < plain.score->first) ++improved;
  });
  EXPECT_GE(reached, 54);
  EXPECT_GE(improved, 40);
}

}  // namespace
}  // namespace tileloom::mapper::product
