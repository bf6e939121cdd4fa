#include "tileloom/report/comparison/comparison.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "tileloom/report/comparison/comparison_chart.hpp"
#include "tileloom/report/comparison/comparison_json.hpp"
#include "tileloom/report/comparison/comparison_table.hpp"

namespace tileloom::report {
namespace {

/// A search that found these values after 1, 10, 100 ... evaluations and as many milliseconds.
SearchRun run_of(const std::vector<double>& values) {
  SearchRun run;
  run.proof = Proof::feasible;
  std::int64_t evaluations = 1;
  for (const double value : values) {
    run.trace.push_back({evaluations, 1e-3 * static_cast<double>(evaluations), {value, 0}});
    evaluations *= 10;
  }
  if (!values.empty()) run.score = cost::Score{values.back(), 0};
  run.evaluations = 1000;
  run.seconds = 1;
  return run;
}

SearchRun floor_of(double value, Proof proof) {
  SearchRun floor;
  floor.proof = proof;
  floor.seconds = 0.25;
  floor.score = cost::Score{value, 0};
  floor.lower_bound = cost::Score{proof == Proof::optimal ? value : value / 2, 0};
  return floor;
}

/// Two layers with floors 10 (proved) and 50 (bound of an unproved 100); one mapper, three seeds.
Comparison example() {
  Comparison comparison{"net", "chip", {}, 1000, {1, 2, 3}, {"some"}, {}};
  ComparedLayer first{"a", 2, floor_of(10, Proof::optimal), {}};
  first.runs = {{run_of({80, 40, 10}), run_of({40, 20}), run_of({20})}};
  ComparedLayer second{"b,c", 1, floor_of(100, Proof::budget_spent), {}};
  second.runs = {{run_of({400, 100}), run_of({200}), run_of({800, 50})}};
  comparison.layers = {first, second};
  return comparison;
}

TEST(Comparison, TheReferenceIsTheProvedOptimumElseTheBound) {
  const Comparison comparison = example();
  EXPECT_EQ(comparison.layers[0].reference(), 10);
  EXPECT_EQ(comparison.layers[1].reference(), 50);
  EXPECT_EQ(comparison.proved(), 1U);
}

TEST(Comparison, GeometricMeansOverTheLayersSpreadOverTheSeeds) {
  const Comparison comparison = example();
  // At the end: seed 1 √(1 · 2), seed 2 √(2 · 4), seed 3 √(2 · 1).
  const std::optional<Spread> end = after_evaluations(comparison, 0, 1000);
  ASSERT_TRUE(end);
  EXPECT_NEAR(end->median, std::sqrt(2.0), 1e-12);
  EXPECT_NEAR(end->least, std::sqrt(2.0), 1e-12);
  EXPECT_NEAR(end->most, std::sqrt(8.0), 1e-12);
  // After one: √(8 · 8) = 8, √(4 · 4) = 4, √(2 · 16) = 5.66.
  const std::optional<Spread> one = after_evaluations(comparison, 0, 1);
  ASSERT_TRUE(one);
  EXPECT_NEAR(one->median, std::sqrt(32.0), 1e-12);
  EXPECT_NEAR(one->least, 4, 1e-12);
  EXPECT_NEAR(one->most, 8, 1e-12);
  // Times are a thousandth of the evaluations: after 10 ms as after 10.
  EXPECT_EQ(after_seconds(comparison, 0, 0.0101)->median,
            after_evaluations(comparison, 0, 10)->median);
  EXPECT_FALSE(after_evaluations(comparison, 0, 0));
}

TEST(Comparison, AMapperThatMissesALayerHasNoMean) {
  Comparison comparison = example();
  comparison.layers[1].runs[0][2] = run_of({});
  EXPECT_FALSE(after_evaluations(comparison, 0, 1000));
  EXPECT_FALSE(at_end(comparison.layers[1], 0));
  EXPECT_TRUE(at_end(comparison.layers[0], 0));
}

TEST(ComparisonTable, ALinePerMapperAndALinePerLayer) {
  EXPECT_EQ(comparison_table(example()),
            "net on chip, least edp: 1000 evaluations per search, seeds 1 to 3\n"
            "floor: proved optimum of 1 of 2 layers, else the lower bound, in 500.0 ms of CPU time\n"
            "\n"
            "times the floor, geometric mean over the layers; over the seeds: median, best, worst\n"
            "mapper  at 10  at 100  median   best  worst  optimal  missed  evaluations  CPU time\n"
            "-----------------------------------------------------------------------------------\n"
            "some    2.828   1.414   1.414  1.414  2.828      1/6       -         6000   6.000 s\n"
            "\n"
            "times the floor, median over the seeds\n"
            "layer  n  floor  status   some\n"
            "------------------------------\n"
            "a      2     10  proved  2.000\n"
            "b,c    1     50  bound   2.000\n");
}

TEST(ComparisonCsv, ALinePerImprovement) {
  const std::string csv = comparison_csv(example());
  EXPECT_EQ(csv.find("layer,mapper,seed,evaluations,cpu_seconds,value,relative_to_floor\r\n"
                     "a,some,1,1,0.001,80,8\r\n"
                     "a,some,1,10,0.01,40,4\r\n"),
            0U)
      << csv;
  EXPECT_NE(csv.find("\"b,c\",some,3,10,0.01,50,1\r\n"), std::string::npos) << csv;
}

TEST(ComparisonChart, NamesAreEscapedAndEveryMapperHasALineInBothPanels) {
  Comparison comparison = example();
  comparison.model = "<net> & \"more\"";
  const std::string svg = comparison_chart(comparison);
  EXPECT_NE(svg.find("&lt;net&gt; &amp; &quot;more&quot; on chip"), std::string::npos);
  std::size_t lines = 0;
  for (std::size_t at = svg.find("fill=\"none\" stroke="); at != std::string::npos;
       at = svg.find("fill=\"none\" stroke=", at + 1)) {
    ++lines;
  }
  EXPECT_EQ(lines, 2U);
}

TEST(ComparisonChart, WithoutAnyMappingItIsStillAPicture) {
  Comparison comparison = example();
  for (ComparedLayer& layer : comparison.layers) {
    for (SearchRun& run : layer.runs[0]) run = {};
  }
  EXPECT_NE(comparison_chart(comparison).find("</svg>"), std::string::npos);
}

}  // namespace
}  // namespace tileloom::report
