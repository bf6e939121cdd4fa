// Random small operators and instructions: the axis model, the enumeration and the formulation with
// every node find the same embeddings, and each of them computes the operator when executed.

#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>

#include "tileloom/embedder/embedder.hpp"
#include "tileloom/embedder/radix.hpp"
#include "tileloom/embedding/check.hpp"
#include "tileloom/reference/embed_every_node.hpp"
#include "tileloom/reference/execute_embedding.hpp"
#include "tileloom/reference/random_operator.hpp"
#include "tileloom/support/effort_test.hpp"
#include "tileloom/workload/make.hpp"

namespace tileloom::embedder {
namespace {

constexpr int kCases = effort(500);

/// A scatter like a transposed convolution: out[n, k, s·p + d·r − pad] += in[n, c, p] · w[c, k, r].
Operator transposed(Random& random) {
  Operator op = one_conv("conv",
                         {.in_channels = random.between(1, 3),
                          .out_channels = random.between(1, 4),
                          .axes = {{.output = random.between(1, 4),
                                    .filter = random.between(1, 3),
                                    .stride = random.between(1, 3),
                                    .dilation = random.between(1, 2)}}},
                         {})
                    .operators[OperatorId{0}];
  Axis& gathered = op.inputs[0].axes.back();
  Axis& plain = op.output.axes.back();
  std::swap(gathered, plain);
  if (random.below(2) == 0) {
    plain.offset = -1;
    plain.extent = std::max<std::int64_t>(1, plain.extent - 1);
  }
  return op;
}

Operator random_operator(Random& random) {
  for (;;) {
    const std::uint64_t kind = random.below(4);
    if (kind == 0) return transposed(random);
    const Operator op = reference::random_workload(random, 300).operators[OperatorId{0}];
    if (op.function != PointFunction::multiply || op.ranks.size() > 7) continue;
    if (not_embeddable(op).empty()) return op;
  }
}

/// A product over up to three dimensions, sometimes with other index maps or layouts.
Instruction random_instruction(Random& random) {
  const auto extent = [&] { return random.between(1, 4); };
  Instruction instruction = gemm_instruction(random.between(1, 2), extent(), extent());
  const auto layout = [&] {
    return static_cast<Layout>(std::min<std::uint64_t>(random.below(5), 2));
  };
  instruction.data.layout = layout();
  instruction.weights.layout = layout();
  if (random.below(4) == 0) instruction.result.layout = Layout::replicated;
  if (random.below(6) == 0) {  // an elementwise dimension of all three operands
    instruction.data.dims.push_back(LaneDimId{1});
  }
  return instruction;
}

/// What only one of two sorted lists has.
std::vector<std::string> difference(const Operator& op, const Instruction& instruction,
                                    const std::vector<Embedding>& found,
                                    const std::vector<Embedding>& expected) {
  std::vector<Embedding> odd;
  std::set_symmetric_difference(found.begin(), found.end(), expected.begin(), expected.end(),
                                std::back_inserter(odd));
  std::vector<std::string> texts;
  for (const Embedding& embedding : odd) {
    const bool surplus = std::find(found.begin(), found.end(), embedding) != found.end();
    texts.push_back((surplus ? "surplus: " : "missing: ") + to_text(op, instruction, embedding));
  }
  return texts;
}

/// The operator and the instruction, for a failing case.
std::string question(const Operator& op, const Instruction& instruction) {
  std::string text;
  for (const Rank& rank : op.ranks) text += rank.name + "=" + std::to_string(rank.extent) + " ";
  for (const Operand* operand : operands(op)) {
    text += "[";
    for (const Axis& axis : operand->axes) text += formula(op, axis) + ", ";
    text += "] ";
  }
  for (const LaneDim& dim : instruction.dims) text += dim.name + std::to_string(dim.extent) + " ";
  for (const auto* operand : {&instruction.data, &instruction.weights, &instruction.result}) {
    text += to_string(operand->layout) + " ";
    for (const LaneDimId dim : operand->dims) text += instruction.dim(dim).name;
    text += " ";
  }
  return text;
}

TEST(Oracle, on_500_random_operators_three_formulations_agree_and_every_embedding_computes) {
  Random random(20211);
  std::size_t embeddings = 0;
  std::size_t idle = 0;
  for (int i = 0; i < kCases; ++i) {
    const Operator op = random_operator(random);
    const Instruction instruction = random_instruction(random);
    const bool padded = random.below(4) != 0;
    const EmbedOptions options{
        .tiles = padded ? Tiles::padded : Tiles::within, .fused = padded, .idle_lanes = false};
    const auto expected = reference::embed_every_node(op, instruction, {padded, padded});
    const auto found = embed(op, instruction, options).embeddings;
    ASSERT_EQ(difference(op, instruction, found, expected), std::vector<std::string>{})
        << "case " << i << ": " << question(op, instruction);
    const auto listed = enumerate(op, instruction, options);
    ASSERT_EQ(difference(op, instruction, listed, expected), std::vector<std::string>{})
        << "case " << i << ": " << question(op, instruction);

    const auto all = embed(op, instruction, {}).embeddings;
    embeddings += expected.size();
    idle += all.size();
    const auto tensors = reference::sample_values(op);
    const auto values = reference::evaluate_operator(op, tensors);
    for (const Embedding& embedding : all) {
      ASSERT_EQ(violations(op, instruction, embedding), std::vector<std::string>{})
          << "case " << i << ": " << to_text(op, instruction, embedding);
      ASSERT_EQ(reference::execute_embedding(op, instruction, embedding, tensors), values)
          << "case " << i << ": " << to_text(op, instruction, embedding);
    }
  }
  EXPECT_GT(embeddings, effort(2000U));
  EXPECT_GT(idle, embeddings);
}

}  // namespace
}  // namespace tileloom::embedder
