#include "tileloom/driver/tune_on_cpu.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tileloom/target/x86_vnni/library.hpp"
#include "tileloom/workload/make.hpp"

namespace tileloom::driver {
namespace {

/// Three convolutions of 8 channels on 12 x 12, then a sum over rows that is no convolution.
Workload chain() {
  Workload net;
  net.name = "chain";
  const auto tensor = [&](std::vector<std::int64_t> shape, TensorKind kind) {
    return net.tensors.push_back({fmt::format("t{}", net.tensors.size()), shape, 8, kind});
  };
  const ConvAxis axis{.output = 12, .filter = 3, .pad_before = 1, .input = 12};
  TensorId last = tensor({1, 8, 12, 12}, TensorKind::input);
  for (int i = 0; i < 3; ++i) {
    const TensorId weight = tensor({8, 8, 3, 3}, TensorKind::constant);
    const TensorId made = tensor({1, 8, 12, 12}, TensorKind::intermediate);
    net.operators.push_back(make_conv(fmt::format("c{}", i),
                                      {.in_channels = 8, .out_channels = 8, .axes = {axis, axis}},
                                      {}, last, weight, made));
    net.operators[static_cast<OperatorId>(i)].kind = "Conv";
    last = made;
  }
  const TensorId right = tensor({12, 4}, TensorKind::constant);
  const TensorId end = tensor({96, 4}, TensorKind::output);
  net.operators.push_back(make_matmul("product", {.m = 96, .n = 4, .k = 12}, {}, last, right, end));
  return net;
}

// A clock on which every run takes one second: the fewer blocks, the faster.
TEST(TuneOnCpu, asks_the_measuring_back_end_and_nothing_else) {
  if (const std::string why = x86_vnni::missing_instruction(); !why.empty()) GTEST_SKIP() << why;
  double clock = 0;
  const Result<report::CpuTuning> tuning =
      tune_on_cpu(chain(), {.rounds = 3, .now = [&] { return clock++; }}, {});
  ASSERT_TRUE(tuning) << to_string(tuning.error());
  EXPECT_EQ(tuning->layers, (std::vector<std::string>{"c0", "c1", "c2"}));
  ASSERT_EQ(tuning->left_out.size(), 1u);
  EXPECT_EQ(tuning->left_out[0].name, "product");
  EXPECT_EQ(tuning->left_out[0].why, "its tensors are not one image with channels");
  ASSERT_EQ(tuning->strategies.size(), 8u);
  for (const report::CpuStrategy& entry : tuning->strategies) {
    std::size_t units = 0;
    for (const scheduler::FusedBlock& block : entry.fusion.blocks) units += block.units.size();
    EXPECT_EQ(units, 3u) << entry.fusion.strategy;
    EXPECT_DOUBLE_EQ(entry.fusion.cycles, 1e6 * static_cast<double>(entry.fusion.blocks.size()));
    EXPECT_DOUBLE_EQ(entry.microseconds, entry.fusion.cycles);  // one tick for every block again
  }
  EXPECT_EQ(tuning->rounds, 3);
  EXPECT_EQ(report::chosen(*tuning).fusion.strategy, "all_fused");  // the first of one block
  EXPECT_EQ(tuning->strategies[0].fusion.blocks.size(), 3u);
  EXPECT_EQ(tuning->strategies[5].fusion.strategy, "dlfusion");
  EXPECT_EQ(tuning->strategies[5].fusion.blocks.size(), 1u);
  EXPECT_EQ(tuning->strategies[7].fusion.blocks.size(), 1u);
}

}  // namespace
}  // namespace tileloom::driver
