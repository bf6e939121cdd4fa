#include "tileloom/cost/profiles/timeloop/traffic.hpp"

#include <gtest/gtest.h>

#include "tileloom/cost/profiles/timeloop/bypass.hpp"

namespace tileloom::cost::timeloop {
namespace {

const Step kFirst{{DeltaKind::whole, {}}, {}, {}};

TEST(TimeloopTraffic, ChildrenWithEqualTilesShareOneAccess) {
  // 2 x 2 children, the tile depends on X only: two groups of two. A group in column x travels
  // x hops along the row and half a hop up and down: 1 + 2 = 3 hops together.
  const Fanout fanout{{{0}, {1}, {0}, {1}}, 2, 2};
  const Traffic traffic = spread({{kFirst, 1}}, {5}, fanout, true);
  ASSERT_EQ(traffic.records.size(), 1u);
  EXPECT_EQ(traffic.records[0].multicast, 2);
  EXPECT_EQ(traffic.records[0].scatter, 2);
  EXPECT_EQ(traffic.records[0].words, 10);
  EXPECT_EQ(traffic.records[0].word_hops, 15);
  EXPECT_EQ(parent_words(traffic), 10);
  EXPECT_EQ(child_words(traffic), 20);
}

TEST(TimeloopTraffic, AnOnlyChildIsNoMesh) {
  const Traffic traffic = spread({{kFirst, 3}}, {5}, {{{0}}, 2, 2}, true);
  EXPECT_EQ(traffic.records.at(0).words, 15);
  EXPECT_EQ(traffic.records.at(0).word_hops, 0);
}

/// Four children in a row, one word each; all move on by one place per step, five steps.
Traffic systolic_row(bool link_transfers) {
  const Fanout fanout{{{0}, {1}, {2}, {3}}, 4, 1};
  return spread(walk({{{1}, 5}}, {1}, {}), {1}, fanout, link_transfers);
}

TEST(TimeloopTraffic, ASystolicRowTakesWordsFromItsNeighbours) {
  // first step: four words from the parent; then only the last child needs a new one
  const Traffic traffic = systolic_row(true);
  ASSERT_EQ(traffic.records.size(), 2u);
  EXPECT_EQ(traffic.records[0].scatter, 1);
  EXPECT_EQ(traffic.records[0].words, 4);
  EXPECT_EQ(traffic.records[1].scatter, 4);
  EXPECT_EQ(traffic.records[1].words, 4);
  EXPECT_EQ(traffic.link_words, 4 * 3);
}

TEST(TimeloopTraffic, WithoutLinksTheParentSendsEveryWord) {
  const Traffic traffic = systolic_row(false);
  EXPECT_EQ(parent_words(traffic), 5 * 4);
  EXPECT_EQ(traffic.link_words, 0);
}

TEST(TimeloopTraffic, NeighboursAreFoundWithTheHardwareRowPitch) {
  // three children mapped along Y on a mesh 4 wide: they are numbered 0, 1, 2 and so sit in a row
  const Fanout fanout{{{0}, {1}, {2}}, 4, 3};
  EXPECT_EQ(position(fanout, 2), (Mesh{2, 0}));
  EXPECT_EQ(neighbours(fanout, 1), (std::vector<std::size_t>{0, 2}));
}

TEST(TimeloopBypass, TheParentServesEveryAccessOfTheBypassedLevel) {
  // level 0 makes 100 accesses and is bypassed. Its parent feeds 4 of them with words multicast
  // to 2: 10 words become 100 · 4 / 2 = 200, links vanish, hops stay as they were summed.
  Mapping mapping;
  mapping.levels.resize(2);
  mapping.levels[1].spatial_x = {{DimId{0}, 4}};
  mapping.levels[1].keep = {SpaceId{0}};
  Traffic inner;
  inner.records = {{1, 1, 100, 0}};
  Traffic outer;
  outer.records = {{2, 2, 10, 15}};
  outer.link_words = 7;
  const Flow flow = bypass(mapping, SpaceId{0}, {inner, outer});
  EXPECT_EQ(flow.below[1].records[0].words, 200);
  EXPECT_EQ(flow.below[1].records[0].word_hops, 15);
  EXPECT_EQ(flow.below[1].link_words, 0);
  EXPECT_EQ(flow.content, (std::vector<double>{0, 200}));
  EXPECT_EQ(flow.share, (std::vector<double>{0, 0}));
  EXPECT_EQ(flow.below[0].records[0].words, 100);  // data still cross the bypassed level's network
}

}  // namespace
}  // namespace tileloom::cost::timeloop
