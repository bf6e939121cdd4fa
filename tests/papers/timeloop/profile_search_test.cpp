// By Timeloop's own conventions (cost/profiles/timeloop, its defaults): no mapping of the carried
// figures, and none that Timeloop's own mapper found, is better than what map_under_timeloop finds
// on the same machine with the same tensors kept.

#include <map>
#include <span>

#include "carried_figures.hpp"
#include "tileloom/cost/profiles/timeloop/evaluate.hpp"
#include "tileloom/cost/profiles/timeloop/to_tileloom.hpp"
#include "tileloom/mapper/exact/timeloop_search.hpp"
#include "tileloom/support/effort_test.hpp"

namespace {

using namespace tileloom;
namespace model = cost::timeloop;

constexpr const char* kWords[] = {"edp", "energy", "latency"};

mapper::TimeloopAnswer ours(const model::Arch& arch, const model::Problem& problem,
                            bool free_bypass, const char* word, std::int64_t evaluations) {
  model::Reasons notes;
  const Architecture machine = model::architecture_of(arch, &problem, notes);
  const auto workload = *model::workload_of(problem, model::widths_of(arch, problem));
  const OperatorId op{0};
  const mapper::TimeloopNouns nouns{arch,
                                    *model::problem_from(workload, workload.operators[op])};
  const cost::Objective objective = *cost::parse_objective(word);
  const mapper::Constraints constraints =
      free_bypass ? mapper::Constraints{} : mapper::stores_everywhere(machine);
  return mapper::map_under_timeloop({workload, op, machine, objective, constraints}, nouns,
                                    {.evaluations = evaluations});
}

/// The same with a small budget, and with a large one only if the small one did not reach `theirs`.
mapper::TimeloopAnswer ours_against(double theirs, const model::Arch& arch,
                                    const model::Problem& problem, bool free_bypass,
                                    const char* word, std::int64_t large) {
  const mapper::TimeloopAnswer quick = ours(arch, problem, free_bypass, word, 60);
  if (quick.tree && quick.score.first <= theirs) return quick;
  return ours(arch, problem, free_bypass, word, large);
}

TEST_F(CarriedFigures, NoMappingIsBetterByTimeloopsOwnConventions) {
  int compared = 0;
  for (const auto& item : reference_.cases) {
    if (compared >= effort(78)) break;
    const model::Arch& arch = reference_.archs.at(item.arch);
    const model::Problem& problem = reference_.problems.at(item.problem);
    const model::Stats given = model::evaluate(arch, problem, item.mapping);
    const bool fixed = item.arch == "eyeriss3" || item.arch == "nvdla" || item.arch == "tpu32" ||
                       item.arch == "simba";
    for (const char* word : kWords) {
      const double theirs =
          cost::score(*cost::parse_objective(word), given.cycles, given.energy).first;
      const mapper::TimeloopAnswer best = ours_against(theirs, arch, problem, !fixed, word, 5000);
      ASSERT_TRUE(best.tree) << item.id;
      EXPECT_LE(best.score.first, theirs * (1 + 1e-9)) << item.id << " " << word;
      EXPECT_LE(best.lower_bound.first, best.score.first * (1 + 1e-9)) << item.id << " " << word;
      ++compared;
    }
  }
  EXPECT_GE(compared, effort(78));
}

/// A convolution of ResNet-50 (square filters and outputs) or, with output 1 x n, a product, and
/// the least EDP, energy and latency that 10 to 80 CPU-seconds of Timeloop's mapper (random_pruned
/// and hybrid, revision 4cf6d4c) found for it on Simba with CoSA's fixed Stores.
struct Searched {
  std::int64_t filter, height, width, in_channels, out_channels, stride;
  double edp, energy, latency;
};

constexpr Searched kSearched[] = {
    {1, 16, 1, 1760, 1760, 1, 1.32808569e14, 4.21089145e8, 315393},
    {1, 64, 1, 2048, 2048, 1, 5.81916356e14, 8.46799548e8, 524288},
    {1, 128, 1, 2560, 2560, 1, 2.75035137e16, 4.19670314e9, 6553600},
    {1, 32, 1, 4096, 4096, 1, 4.06946603e16, 4.85118154e9, 8388608},
    {1, 28, 28, 512, 128, 1, 1.12461394e13, 1.30744739e8, 86016},
    {1, 56, 56, 64, 256, 1, 3.50413311e13, 3.05536160e8, 114688},
    {1, 56, 56, 64, 64, 1, 3.68376538e12, 7.34168802e7, 50176},
    {3, 14, 14, 256, 256, 1, 5.56752308e14, 6.16443793e8, 903168},
    {3, 7, 7, 512, 512, 1, 9.82549378e14, 5.41703384e8, 1806336},
    {3, 56, 56, 64, 64, 1, 6.05594249e13, 2.34682791e8, 258048},
    {3, 28, 28, 128, 128, 2, 7.93589284e14, 4.39336471e8, 1806336},
    {7, 112, 112, 3, 64, 2, 1.21805932e14, 4.27421071e8, 263424},
};

model::Problem convolution(const Searched& layer) {
  constexpr model::DimId r{0}, s{1}, p{2}, q{3}, c{4}, k{5};
  model::Problem problem;
  problem.dims = {{"R", layer.filter}, {"S", layer.filter},      {"P", layer.height},
                  {"Q", layer.width},  {"C", layer.in_channels}, {"K", layer.out_channels}};
  problem.spaces = {
      {"W", false, {{{c, 1}}, {{k, 1}}, {{r, 1}}, {{s, 1}}}},
      {"I", false, {{{c, 1}}, {{r, 1}, {p, layer.stride}}, {{s, 1}, {q, layer.stride}}}},
      {"O", true, {{{k, 1}}, {{q, 1}}, {{p, 1}}}}};
  return problem;
}

TEST_F(CarriedFigures, TimeloopsOwnMapperFindsNothingBetterOnSimba) {
  for (const Searched& layer : std::span(kSearched).first(effort(std::size(kSearched)))) {
    const double theirs[] = {layer.edp, layer.energy, layer.latency};
    for (std::size_t i = 0; i < 3; ++i) {
      const mapper::TimeloopAnswer best = ours_against(theirs[i], reference_.archs.at("simba"),
                                                       convolution(layer), false, kWords[i],
                                                       3000);
      ASSERT_TRUE(best.tree);
      EXPECT_LT(best.score.first, theirs[i])
          << layer.filter << "x" << layer.filter << " " << layer.in_channels << " to "
          << layer.out_channels << " " << kWords[i];
    }
  }
}

}  // namespace
