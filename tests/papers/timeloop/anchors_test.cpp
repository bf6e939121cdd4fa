// The best mappings that Timeloop's own mapper (revision 4cf6d4c; random_pruned and hybrid, 10 to 80
// CPU-seconds each) found on CoSA's Simba machine with Timeloop's public energies. Ours are of the
// same machine and energies under our cost model, whose figures of one mapping differ from
// Timeloop's by a few per cent (docs/cost_model.md, section 7); the space is the same or larger
// (bypass is free here). None of Timeloop's is better.

#include <gtest/gtest.h>

#include "tileloom/driver/precision.hpp"
#include "tileloom/io/yaml/find_architecture.hpp"
#include "tileloom/mapper/registry.hpp"
#include "tileloom/workload/make.hpp"

namespace {

using namespace tileloom;

struct Anchor {
  const char* objective;
  std::int64_t filter, output, in_channels, out_channels, stride;
  double timeloop;  ///< pJ·cycles, cycles or pJ
};

/// Convolutions of ResNet-50 with square filters and outputs.
const Anchor kAnchors[] = {
    {"edp", 1, 56, 64, 64, 1, 3.684e12},   {"edp", 1, 56, 64, 256, 1, 3.504e13},
    {"edp", 3, 56, 64, 64, 1, 6.056e13},   {"edp", 3, 14, 256, 256, 1, 5.567e14},
    {"edp", 3, 28, 128, 128, 2, 7.935e14}, {"latency", 1, 28, 512, 128, 1, 8.602e4},
    {"latency", 3, 56, 64, 64, 1, 5.161e5}, {"energy", 1, 28, 512, 128, 1, 1.308e8},
    {"energy", 3, 56, 64, 64, 1, 2.454e8},
};

TEST(TimeloopAnchors, NoneBeatsTheExactMapper) {
  const Result<Architecture> arch = load_architecture("simba");
  ASSERT_TRUE(arch);
  for (const Anchor& anchor : kAnchors) {
    const ConvAxis axis{
        .output = anchor.output, .filter = anchor.filter, .stride = anchor.stride};
    const Workload workload = driver::apply_precision(
        one_conv("conv",
                 {.in_channels = anchor.in_channels,
                  .out_channels = anchor.out_channels,
                  .axes = {axis, axis}},
                 ElementBits{}),
        *arch);
    const cost::Objective objective = *cost::parse_objective(anchor.objective);
    const mapper::Constraints none;
    const mapper::MapResult result =
        (*mapper::make_mapper("exact", {}))
            ->map({workload, OperatorId{0}, *arch, objective, none}, {.evaluations = 50'000},
                  nullptr);
    ASSERT_TRUE(result.evaluation);
    const double ours =
        cost::score(objective, result.evaluation->latency.total, result.evaluation->energy).first;
    EXPECT_LT(ours, anchor.timeloop) << anchor.objective << " " << anchor.filter << "x"
                                     << anchor.filter << " @" << anchor.output;
  }
}

}  // namespace
