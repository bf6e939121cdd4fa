#include "tileloom/scheduler/defines/tiles.hpp"

#include <gtest/gtest.h>

#include <set>

#include "tileloom/scheduler/defines/small_network_test.hpp"

namespace tileloom::scheduler::defines {
namespace {

using testing::NetworkMaker;

/// Distinct input indices by listing them.
std::int64_t listed(std::int64_t outputs, std::int64_t kernel, std::int64_t stride,
                    std::int64_t dilation) {
  std::set<std::int64_t> seen;
  for (std::int64_t o = 0; o < outputs; ++o)
    for (std::int64_t f = 0; f < kernel; ++f) seen.insert(o * stride + f * dilation);
  return static_cast<std::int64_t>(seen.size());
}

TEST(Needed, CountsDistinctInputsWhereWindowsOverlapOrLeaveGaps) {
  using cost::defines2022::Axis;
  using cost::defines2022::Dim;
  for (std::int64_t outputs = 1; outputs < 9; ++outputs)
    for (std::int64_t kernel = 1; kernel < 6; ++kernel)
      for (std::int64_t stride = 1; stride < 4; ++stride) {
        const Window window{true, {Axis::x, Dim::OX, stride, Dim::FX, 1}, kernel};
        EXPECT_EQ(needed(window, outputs), listed(outputs, kernel, stride, 1))
            << outputs << " outputs, kernel " << kernel << ", stride " << stride;
      }
  const Window strided{true, {Axis::x, Dim::OX, 2, Dim::FX, 1}, 1};
  EXPECT_EQ(needed(strided, 5), 5);  // not the 9 of the bounding box
  EXPECT_EQ(overlap(strided, 5), 0);
}

TEST(Back, TilesGrowByTheHaloOfEachLayerUnlessItIsCached) {
  const Graph graph = graph_of(testing::two_convolutions());
  EXPECT_EQ(back(graph, {2, 3}, false, false), (TileSizes{{6, 7}, {4, 5}, {2, 3}}));
  EXPECT_EQ(back(graph, {2, 3}, true, false), (TileSizes{{2, 7}, {2, 5}, {2, 3}}));
  EXPECT_EQ(back(graph, {2, 3}, true, true), (TileSizes{{2, 3}, {2, 3}, {2, 3}}));
}

TEST(Back, FullSizesComeFromTheLastLayerNotFromTheFile) {
  NetworkMaker maker(1, 999, 999);  // the file's sizes of inner maps are wrong
  const LayerIndex first = maker.conv(LayerIndex{0}, 1, 4, 3, 1, 776, 8);
  maker.conv(first, 4, 2, 3, 2, 6, 6);
  const Graph graph = graph_of(maker.take());
  EXPECT_EQ(graph.nodes[NodeId{1}].full, (Extent{13, 13}));  // (6 − 1)·2 + 3
  EXPECT_EQ(graph.nodes[NodeId{0}].full, (Extent{15, 15}));
}

TEST(KeptWidths, OneConsumerNeedsItsOverlapAgain) {
  const Graph graph = graph_of(testing::two_convolutions());
  EXPECT_EQ(kept_widths(graph, back(graph, {2, 3}, true, true)),
            (TileSizes{{2, 2}, {2, 2}, {0, 0}}));
}

TEST(KeptWidths, BranchesOfDifferentLagKeepWhatTheSlowerStillNeeds) {
  // The addition reads layer 0 at lag 0 with no overlap; layer 1 reads it at lag 0 − 1 + 2 = 1 with
  // overlap 2. Layer 0 keeps max(0, 1) − min(0 − 0, 1 − 2) = 2; its input, at lag 1:
  // lag 1 − 1 + 2 = 2, keeps 2 − (2 − 2) = 2.
  const Graph graph = graph_of(testing::residual());
  EXPECT_EQ(kept_widths(graph, back(graph, {4, 4}, true, true)),
            (TileSizes{{2, 2}, {2, 2}, {0, 0}, {0, 0}}));
}

TEST(PeakAlive, BranchOutputsStayUntilTheirLastConsumer) {
  // Tile 4×4 of the addition: layer 0 makes 6×6, the input 8×8, all of 4 channels.
  // At layer 1 alive: its input 6·6 + its output 4·4; layer 0 stays for the addition, where its
  // inputs 4·4 twice and output 4·4 are alive. At layer 0: 8·8 + 6·6 = 100 elements: the peak.
  const Graph graph = graph_of(testing::residual());
  EXPECT_EQ(peak_alive(graph, back(graph, {4, 4}, false, false)), Bits{100 * 4 * 8});
}

TEST(CacheBits, ColumnsRowsAndTheirCommonPartByHand) {
  // Tile 2×3 of the output, nothing cached: layer 1 reads 4×5 of 4 channels, layer 0 reads 6×7 of 1.
  // Columns: 4·2·5 + 1·2·7 = 54; rows over the whole width: 4·2·8 + 1·2·10 = 84; common 4·4 + 4.
  const Graph graph = graph_of(testing::two_convolutions());
  EXPECT_EQ(cache_bits(graph, back(graph, {2, 3}, false, false)),
            (CacheBits{{54 * 8}, {84 * 8}, {20 * 8}}));
}

TEST(WeightBits, SumOverTheStack) {
  // 4·1·9 + 2·4·9 weights of 8 bits.
  EXPECT_EQ(weight_bits(graph_of(testing::two_convolutions())), Bits{(36 + 72) * 8});
}

}  // namespace
}  // namespace tileloom::scheduler::defines
