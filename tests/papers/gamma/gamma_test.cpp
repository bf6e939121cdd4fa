// GAMMA in reduced form: the 27 layers of layers.csv (11 of ResNet-18, 8 of MobileNetV2, 6 of
// VGG16, two products of BERT; as GAMMA's tables read them, without padding and stride) on its edge
// and cloud platforms. In full: bench/gamma_experiment.cpp and docs/results/mappers.md.

#include "tileloom/mapper/gamma/gamma.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "tileloom/io/csv/read_layers.hpp"
#include "tileloom/io/yaml/find_architecture.hpp"
#include "tileloom/mapper/random/random.hpp"
#include "tileloom/support/checked.hpp"
#include "tileloom/workload/make.hpp"

namespace tileloom::mapper {
namespace {

const Constraints kNone;

Architecture platform(const std::string& name) {
  const Result<Architecture> arch = load_architecture(name);
  if (!arch) ADD_FAILURE() << to_string(arch.error());
  return *arch;
}

std::vector<TableLayer> layers() {
  const auto read = read_layers(TILELOOM_SOURCE_DIR "/tests/papers/gamma/layers.csv");
  if (!read) ADD_FAILURE() << to_string(read.error());
  return *read;
}

double best(const Mapper& mapper, const TableLayer& layer, const Architecture& arch,
            cost::Metric metric, std::int64_t samples) {
  const Workload workload = one_conv(layer.name, layer.shape, {8, 8, 8, 8});
  const Problem problem{workload, OperatorId{0}, arch, {metric, {}}, kNone};
  const MapResult result = mapper.map(problem, {.evaluations = samples, .threads = 1}, nullptr);
  if (!result.evaluation) return std::numeric_limits<double>::infinity();
  return cost::score(problem.objective, result.evaluation->latency.total, result.evaluation->energy)
      .first;
}

/// The fewest cycles of any mapping with two levels of parallelism:
///     B = min over P1, P2, n2 of ∏_{d ∉ {P1, P2}} D_d · ⌈D_P1 / n1⌉ · ⌈D_P2 / n2⌉, n1 = ⌊PEs / n2⌋
/// and ⌈⌈D / n1⌉ / n2⌉ where P1 = P2.
std::int64_t two_level_bound(const Operator& op, std::int64_t pes) {
  std::int64_t bound = std::numeric_limits<std::int64_t>::max();
  for (std::size_t p2 = 0; p2 < op.ranks.size(); ++p2) {
    for (std::int64_t n2 = 1; n2 <= std::min(pes, op.ranks[p2].extent); ++n2) {
      for (std::size_t p1 = 0; p1 < op.ranks.size(); ++p1) {
        std::int64_t steps = 1;
        for (std::size_t r = 0; r < op.ranks.size(); ++r) {
          std::int64_t trips = op.ranks[r].extent;
          if (r == p1) trips = ceil_div(trips, pes / n2);
          if (r == p2) trips = ceil_div(trips, n2);
          steps *= trips;
        }
        bound = std::min(bound, steps);
      }
    }
  }
  return bound;
}

/// Geometric mean over the layers of what `mapper` finds relative to the two-level bound.
double mean_latency(const Mapper& mapper, const std::string& arch_name, std::int64_t samples,
                    bool two_levels = true) {
  const Architecture arch = platform(arch_name);
  double logs = 0;
  const std::vector<TableLayer> all = layers();
  EXPECT_EQ(all.size(), 27U);
  for (const TableLayer& layer : all) {
    const Workload workload = one_conv(layer.name, layer.shape, {8, 8, 8, 8});
    const std::int64_t bound = two_level_bound(workload.operators[OperatorId{0}], lanes(arch));
    const double found = best(mapper, layer, arch, cost::Metric::latency, samples);
    if (two_levels) {
      EXPECT_GE(found, static_cast<double>(bound)) << layer.name;
    }
    logs += std::log(found / static_cast<double>(bound));
  }
  return std::exp(logs / static_cast<double>(all.size()));
}

TEST(Gamma, TheBoundOfTwoLevelsIsThatOfTheReferenceData) {
  // gamma_reference.json, two_level_compute_bound: ResNet-18 layers 1, 2 and 17; BERT 6;
  // MobileNetV2 44 (depth-wise).
  const auto bound = [](const std::string& name, std::int64_t pes) {
    for (const TableLayer& layer : layers()) {
      if (layer.name != name) continue;
      const Workload workload = one_conv(name, layer.shape, {8, 8, 8, 8});
      return two_level_bound(workload.operators[OperatorId{0}], pes);
    }
    return std::int64_t{0};
  };
  EXPECT_EQ(bound("resnet18_1", 168), 2'734'592);
  EXPECT_EQ(bound("resnet18_2", 168), 663'552);
  EXPECT_EQ(bound("resnet18_17", 168), 357'975);
  EXPECT_EQ(bound("resnet18_17", 65'536), 900);
  EXPECT_EQ(bound("bert_6", 168), 7'192'576);
  EXPECT_EQ(bound("mobilenet_v2_44", 65'536), 45);
}

TEST(Gamma, LatencyIsWithinAThousandthOfTheTwoLevelOptimumAfterAThousandSamples) {
  // The original, guarded against its illegal mappings, is 1.003 (edge) and 1.416 (cloud) times the
  // bound after 10,000 samples.
  EXPECT_LT(mean_latency(GammaMapper({.levels = 2, .ranks = 1}), "gamma_edge", 1000), 1.001);
  EXPECT_LT(mean_latency(GammaMapper({.levels = 2, .ranks = 1}), "gamma_cloud", 1000), 1.001);
}

TEST(Gamma, AThirdLevelOfParallelismFillsTheCloud) {
  // Two ranks of ResNet-18 layer 2 spread over at most 64 · 64 of 65,536 PEs, three over nearly
  // all.
  EXPECT_LT(mean_latency(GammaMapper({}), "gamma_cloud", 400, false), 0.5);
  EXPECT_LT(mean_latency(GammaMapper({}), "gamma_edge", 400, false), 1.0);
}

TEST(Gamma, ThePublishedOperatorsAloneAreFarFromTheBoundOnTheCloud) {
  // No claim of equality with the original: its model differs. 500 samples.
  const double edge = mean_latency(GammaMapper(as_published()), "gamma_edge", 500);
  const double cloud = mean_latency(GammaMapper(as_published()), "gamma_cloud", 500);
  EXPECT_GT(edge, 1.0);
  EXPECT_LT(edge, 2);
  EXPECT_GT(cloud, 1.2);
}

/// The least value that any of our searches of up to 100,000 samples found for a layer
/// (docs/results/gamma.csv): an upper bound of the optimum.
struct BestKnown {
  const char* layer;
  double edge_energy, edge_edp, cloud_energy, cloud_edp;
};
constexpr std::array<BestKnown, 4> kBestKnown{{
    {"resnet18_2", 602644070.4, 449871388000000.0, 306864230.4, 530261390100.0},
    {"resnet18_7", 556111626.2, 370742311200000.0, 276227947.5, 462947904300.0},
    {"mobilenet_v2_44", 17255155.2, 23294459520.0, 16152000.0, 64608000.0},
    {"bert_6", 8015189115.0, 6.303401206e16, 4231770931.0, 78000001800000.0},
}};

/// Geometric mean over these layers of what 4,000 samples find over the best known.
double mean_over_best(const std::string& arch_name, cost::Metric metric,
                      double BestKnown::*best_known) {
  const Architecture arch = platform(arch_name);
  const std::vector<TableLayer> all = layers();
  double logs = 0;
  for (const BestKnown& known : kBestKnown) {
    const auto layer = std::ranges::find(all, known.layer, &TableLayer::name);
    logs += std::log(best(GammaMapper({}), *layer, arch, metric, 4000) / known.*best_known);
  }
  return std::exp(logs / static_cast<double>(kBestKnown.size()));
}

// 4,000 samples and one seed are less than the experiment's: measured 1.019, 1.071, 1.010 and 1.033.
// With 10,000 samples the aims over all 27 layers are 1.03 (energy) and 1.05 (EDP) on the edge and
// 1.10 on the cloud; the published operators alone are at 1.56, 1.64, 2.26 and 8.7.
TEST(Gamma, EnergyAndEdpAreNearTheBestKnownOnTheEdge) {
  EXPECT_LT(mean_over_best("gamma_edge", cost::Metric::energy, &BestKnown::edge_energy), 1.03);
  EXPECT_LT(mean_over_best("gamma_edge", cost::Metric::edp, &BestKnown::edge_edp), 1.08);
}

TEST(Gamma, EnergyAndEdpAreNearTheBestKnownOnTheCloud) {
  EXPECT_LT(mean_over_best("gamma_cloud", cost::Metric::energy, &BestKnown::cloud_energy), 1.03);
  EXPECT_LT(mean_over_best("gamma_cloud", cost::Metric::edp, &BestKnown::cloud_edp), 1.05);
}

TEST(Gamma, BeatsRandomDrawsAtEqualSamples) {
  const Architecture arch = platform("gamma_edge");
  for (const TableLayer& layer : layers()) {
    if (layer.name != "resnet18_2" && layer.name != "mobilenet_v2_5") continue;
    for (const cost::Metric metric : {cost::Metric::energy, cost::Metric::edp}) {
      EXPECT_LT(best(GammaMapper({}), layer, arch, metric, 2000),
                best(RandomMapper({.imperfect = true}), layer, arch, metric, 2000))
          << layer.name;
    }
  }
}

}  // namespace
}  // namespace tileloom::mapper
