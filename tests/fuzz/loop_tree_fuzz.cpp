// Any bytes as a loop tree: refused with reasons, or a tree that prints and reads back the same,
// that the checker can judge, and whose counts, if it is legal, equal its execution.

#include <cstddef>
#include <cstdint>

#include "expect.hpp"
#include "tileloom/cost/evaluate.hpp"
#include "tileloom/io/yaml/read_architecture.hpp"
#include "tileloom/loop_tree/check.hpp"
#include "tileloom/loop_tree/text.hpp"
#include "tileloom/reference/evaluate_operator.hpp"
#include "tileloom/reference/interpret.hpp"
#include "tileloom/workload/make.hpp"

namespace {

using tileloom::LoopTree;

/// A strided, padded convolution of 576 points: small enough to execute.
const tileloom::Workload& workload() {
  static const tileloom::Workload one = tileloom::one_conv(
      "conv", {.in_channels = 2, .out_channels = 4, .axes = {{4, 3, 2, 1, 1}, {2, 3, 1, 1, 1}}},
      {});
  return one;
}

const tileloom::Architecture& machine() {
  static const tileloom::Architecture simba =
      tileloom::read_architecture(TILELOOM_SOURCE_DIR "/archs/simba.yaml").value();
  return simba;
}

void expect_counts(const LoopTree& tree) {
  const tileloom::Operator& conv = workload().operators[tileloom::OperatorId{0}];
  const tileloom::cost::Evaluation cost = tileloom::cost::evaluate(conv, machine(), tree.path);
  expect(cost.energy.value >= 0 && cost.latency.total.value >= 0, "a cost is not negative");
  const tileloom::reference::Interpretation run = tileloom::reference::interpret_path(
      conv, machine(), tree.path, tileloom::reference::sample_values(conv));
  expect(cost.counts == run.counts, "the closed form equals the execution");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const tileloom::Result<LoopTree> tree =
      tileloom::parse_tree(text, "fuzz.tree", workload(), machine());
  if (!tree) {
    expect_mistakes(tree.error(), "fuzz.tree");
    return 0;
  }
  const std::string printed = print_tree(workload(), machine(), *tree);
  const tileloom::Result<LoopTree> again =
      tileloom::parse_tree(printed, "fuzz.tree", workload(), machine());
  expect(again.has_value() && *again == *tree, "what is printed reads back the same");
  if (check(workload(), machine(), *tree).empty() && is_single_path(*tree)) expect_counts(*tree);
  return 0;
}
