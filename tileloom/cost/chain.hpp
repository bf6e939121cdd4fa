#pragma once
// The loops over one rank above some place of a path, and the chunks they cut.

#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

namespace tileloom::cost {

/// How a loop counts at a boundary between a buffer and its children.
enum class LinkKind : std::uint8_t {
  temporal,
  separate,  ///< spatial: every position is charged on its own
  grouped    ///< spatial: positions share one access (multicast or reduction)
};

struct Link {
  std::int64_t tile = 1;
  LinkKind kind = LinkKind::temporal;
  std::int64_t trips = 1;  ///< of the first (largest) enclosing chunk
  bool operator==(const Link&) const = default;
};

/// The part of a rank [start, start+length); length 0 = no such chunk.
struct Chunk {
  std::int64_t start = 0;
  std::int64_t length = 0;
};

/// A rank's loops, outermost first, over [0, extent).
struct Chain {
  std::int64_t extent = 1;
  std::vector<Link> links;

  /// Every chunk of every link has the full tile: all tiles divide the enclosing ones.
  bool uniform() const;
  /// Tile after the last link.
  std::int64_t innermost_tile() const { return links.empty() ? extent : links.back().tile; }
  std::size_t temporal_links() const;
  /// Appends a loop and works out its trips.
  void append(std::int64_t tile, LinkKind kind);
  bool operator==(const Chain&) const = default;
};

/// Steps of the temporal links in lockstep (instances follow position 0 of every spatial link).
/// (C6)
std::int64_t steps(const Chain& chain);

/// A move of time as one rank sees it: temporal links 0 … outer−1 stand still at any value; if
/// `moves`, link `outer` goes from i−1 to i; all further ones fall back from their last value to 0.
struct Move {
  std::size_t outer = 0;
  bool moves = false;
};

/// One chunk before and after a move, at one combination of spatial positions.
struct ChunkPair {
  Chunk now;
  Chunk before;
};
/// [separate position][grouped position]
using ChunkTable = std::vector<std::vector<ChunkPair>>;

/// Which states of the temporal links are visited.
enum class States : std::uint8_t {
  all,
  alike_once  ///< of states whose tables differ by a shift of all chunks alone, the first
};

/// Calls `visit` for the states of the temporal links in which the move happens, with the number
/// of states a table stands for.
void for_each_move(const Chain& chain, const Move& move, States states,
                   const std::function<void(const ChunkTable&, std::int64_t)>& visit);

}  // namespace tileloom::cost
