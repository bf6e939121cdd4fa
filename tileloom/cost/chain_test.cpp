#include "tileloom/cost/chain.hpp"

#include <gtest/gtest.h>

#include <map>

#include "tileloom/support/random.hpp"

namespace tileloom::cost {
namespace {

/// The chunks of a table with the first of them at 0, as text.
std::string shape(const ChunkTable& table) {
  std::int64_t first = INT64_MAX;
  const auto each = [&](const auto& visit) {
    for (const std::vector<ChunkPair>& row : table) {
      for (const ChunkPair& pair : row) {
        visit(pair.now);
        visit(pair.before);
      }
    }
  };
  each([&](const Chunk& chunk) {
    if (chunk.length > 0) first = std::min(first, chunk.start);
  });
  std::string text;
  each([&](const Chunk& chunk) {
    text += chunk.length == 0
                ? "- "
                : std::to_string(chunk.start - first) + "+" + std::to_string(chunk.length) + " ";
  });
  return text;
}

std::map<std::string, std::int64_t> census(const Chain& chain, const Move& move, States states) {
  std::map<std::string, std::int64_t> found;
  for_each_move(chain, move, states,
                [&](const ChunkTable& table, std::int64_t count) { found[shape(table)] += count; });
  return found;
}

TEST(ForEachMove, VisitsFullTilesOnceAndThePartialOne) {
  // 10 in tiles of 3: three full ones and a chunk of 1.
  Chain chain{10, {}};
  chain.append(3, LinkKind::temporal);
  EXPECT_EQ(census(chain, {1, false}, States::alike_once),
            (std::map<std::string, std::int64_t>{{"0+3 0+3 ", 3}, {"0+1 0+1 ", 1}}));
  // Two moves between full tiles, one to the partial one.
  EXPECT_EQ(census(chain, {0, true}, States::alike_once),
            (std::map<std::string, std::int64_t>{{"3+3 0+3 ", 2}, {"3+1 0+3 ", 1}}));
}

TEST(ForEachMove, StatesAlikeAreCountedAsIfVisited) {
  Random random(11);
  for (int i = 0; i < 400; ++i) {
    Chain chain{random.between(1, 90), {}};
    for (std::uint64_t left = random.below(6); left > 0; --left) {
      const LinkKind kind = random.below(2) == 0   ? LinkKind::temporal
                            : random.below(2) == 0 ? LinkKind::separate
                                                   : LinkKind::grouped;
      chain.append(random.between(1, chain.innermost_tile()), kind);
    }
    for (std::size_t outer = 0; outer <= chain.temporal_links(); ++outer) {
      for (const bool moves : {false, true}) {
        if (moves && outer == chain.temporal_links()) continue;
        EXPECT_EQ(census(chain, {outer, moves}, States::alike_once),
                  census(chain, {outer, moves}, States::all))
            << i;
      }
    }
  }
}

}  // namespace
}  // namespace tileloom::cost
