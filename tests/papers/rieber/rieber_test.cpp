// Rieber, Acosta, Fröning (ACM TACO 2022) on nine of DeepBench's inference convolutions. The
// figures are those of an independent radix enumeration (boxes that fill the lanes, fused products;
// every operand moved once at 8 bytes per step): number of embeddings, fewest GEMM steps, fewest
// max(steps, bytes / 8).

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <sstream>

#include "tileloom/embedder/embedder.hpp"
#include "tileloom/embedder/ranking.hpp"
#include "tileloom/embedding/check.hpp"
#include "tileloom/io/csv/read_deepbench.hpp"
#include "tileloom/reference/execute_embedding.hpp"

namespace tileloom::embedder {
namespace {

const std::string kFolder = std::string(TILELOOM_SOURCE_DIR) + "/tests/papers/rieber/";

Operator layer(const std::string& name) {
  static const auto layers = read_deepbench(kFolder + "layers.csv").value();
  for (const DeepBenchLayer& candidate : layers) {
    if (candidate.name == name) return workload_of(candidate, {}).operators[OperatorId{0}];
  }
  ADD_FAILURE() << "no layer " << name;
  return {};
}

struct Figure {
  std::string layer;
  Instruction gemm;
  std::size_t embeddings = 0;
  std::int64_t steps = 0;
  std::int64_t cycles = 0;
};

std::vector<Figure> figures() {
  std::vector<Figure> all;
  std::ifstream file(kFolder + "figures.csv");
  std::string line;
  std::getline(file, line);
  while (std::getline(file, line)) {
    std::replace(line.begin(), line.end(), ',', ' ');
    std::istringstream fields(line);
    Figure figure;
    std::int64_t x = 0;
    std::int64_t y = 0;
    std::int64_t z = 0;
    fields >> figure.layer >> x >> y >> z >> figure.embeddings >> figure.steps >> figure.cycles;
    figure.gemm = gemm_instruction(x, y, z);
    all.push_back(figure);
  }
  return all;
}

TEST(Rieber, as_many_embeddings_and_as_few_steps_as_the_independent_enumeration) {
  for (const Figure& figure : figures()) {
    const Operator op = layer(figure.layer);
    const EmbedResult result = embed(op, figure.gemm, {.idle_lanes = false});
    EXPECT_EQ(result.proof, Proof::optimal);
    EXPECT_EQ(result.embeddings.size(), figure.embeddings) << figure.layer << figure.gemm.name;
    const auto ranked = rank(op, figure.gemm, result.embeddings, Ranking::steps);
    EXPECT_EQ(ranked.front().measures.steps, figure.steps) << figure.layer << figure.gemm.name;
    const auto fastest = rank(op, figure.gemm, result.embeddings, Ranking::cycles);
    EXPECT_LE(fastest.front().measures.cycles, figure.cycles) << figure.layer << figure.gemm.name;
    EXPECT_EQ(violations(op, figure.gemm, fastest.front().embedding), std::vector<std::string>{});
  }
}

// 1 x 16 x 16: 485 350 cycles in the enumeration. With idle lanes (5 filter rows and 3 columns in
// 15 of 16) the rows need not be stored once per trip, and moving hides behind the steps.
TEST(Rieber, idle_lanes_bring_deep_speech_to_its_steps) {
  const Operator op = layer("inference_server_0");
  const Instruction gemm = gemm_instruction(1, 16, 16);
  const auto ranked = rank(op, gemm, embed(op, gemm, {}).embeddings, Ranking::cycles);
  EXPECT_EQ(ranked.front().measures.cycles, 377146);
  EXPECT_EQ(ranked.front().measures.steps, 377146);
}

/// The layer with few outputs and channels, its filter, strides and padding as they are.
Operator reduced(const DeepBenchLayer& full) {
  ConvShape shape = std::get<ConvShape>(full.shape);
  shape.batch = 1;
  shape.in_channels = std::min<std::int64_t>(shape.in_channels, 9);
  shape.out_channels = std::min<std::int64_t>(shape.out_channels, 18);
  for (ConvAxis& axis : shape.axes) {
    axis.output = 3;
    axis.input = 0;
    axis.pad_after = 0;
    axis.input = std::max<std::int64_t>(1, input_size(axis));
  }
  return one_conv(full.name, shape, {}).operators[OperatorId{0}];
}

TEST(Rieber, the_preferable_embeddings_of_reduced_layers_compute_them) {
  const Instruction gemm = gemm_instruction(1, 16, 16);
  const std::vector<DeepBenchLayer> layers = read_deepbench(kFolder + "layers.csv").value();
  for (const DeepBenchLayer& full : layers) {
    const Operator op = reduced(full);
    const auto front = pareto(rank(op, gemm, embed(op, gemm, {}).embeddings, Ranking::cycles));
    const auto tensors = reference::sample_values(op);
    const auto expected = reference::evaluate_operator(op, tensors);
    for (std::size_t i = 0; i < std::min<std::size_t>(front.size(), 3); ++i) {
      const Embedding& embedding = front[i].embedding;
      EXPECT_EQ(reference::execute_embedding(op, gemm, embedding, tensors), expected)
          << full.name << ": " << to_text(op, gemm, embedding);
    }
  }
}

}  // namespace
}  // namespace tileloom::embedder
