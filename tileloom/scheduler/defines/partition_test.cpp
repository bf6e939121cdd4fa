#include "tileloom/scheduler/defines/partition.hpp"

#include <gtest/gtest.h>

#include "tileloom/scheduler/defines/small_network_test.hpp"

namespace tileloom::scheduler::defines {
namespace {

std::vector<std::string> ids_of(const Graph& graph) {
  std::vector<std::string> all;
  for (const Node& node : graph.nodes) all.push_back(node.id);
  return all;
}
using Names = std::vector<std::string>;

TEST(Units, AResidualBlockIsNotDivided) {
  const Graph graph = graph_of(testing::residual());
  EXPECT_EQ(units(graph), (std::vector<std::vector<NodeId>>{
                              {NodeId{0}}, {NodeId{1}}, {NodeId{2}, NodeId{3}}}));
}

TEST(AutomaticCuts, AUnitThatIsTooLargeAloneIsCutAfterEachLayer) {
  const Graph graph = graph_of(testing::residual());  // weights 144 B, then 144 B
  EXPECT_EQ(automatic_cuts(graph, {MemoryIndex{0}, {288 * 8}}), (std::vector<std::int64_t>{}));
  EXPECT_EQ(automatic_cuts(graph, {MemoryIndex{0}, {287 * 8}}), (std::vector<std::int64_t>{0}));
  EXPECT_EQ(automatic_cuts(graph, {MemoryIndex{0}, {143 * 8}}),
            (std::vector<std::int64_t>{-1, 0, 1, 2}));
}

TEST(Stacks, CutAfterLayerZeroIsLostAsPublishedAndKeptWhenRepaired) {
  const Graph graph = graph_of(testing::two_convolutions());
  const std::vector<Graph> lost = stacks(graph, {0}, as_published());
  ASSERT_EQ(lost.size(), 2u);  // the whole network twice: double counting
  EXPECT_EQ(ids_of(lost[0]), (Names{"-1", "0", "1"}));
  EXPECT_EQ(ids_of(lost[1]), (Names{"-1", "0", "1"}));
  Repairs repairs = as_published();
  repairs.optional_ids = true;
  const std::vector<Graph> kept = stacks(graph, {0}, repairs);
  ASSERT_EQ(kept.size(), 2u);
  EXPECT_EQ(ids_of(kept[0]), (Names{"-1", "0"}));
  EXPECT_EQ(ids_of(kept[1]), (Names{"substack_input_layer_0", "1"}));
}

TEST(Stacks, ACutInsideABlockBringsBothOperandsFromOutside) {
  const Graph graph = graph_of(testing::residual());
  const std::vector<Graph> all = stacks(graph, {1}, {});
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(ids_of(all[1]), (Names{"substack_input_layer_0", "substack_input_layer_1", "2"}));
  EXPECT_EQ(all[1].nodes[NodeId{0}].channels, 4);
}

TEST(Stacks, ACutAfterTheLastLayerCutsNothing) {
  const Graph graph = graph_of(testing::two_convolutions());
  EXPECT_EQ(stacks(graph, {1}, {}).size(), 1u);
}

}  // namespace
}  // namespace tileloom::scheduler::defines
