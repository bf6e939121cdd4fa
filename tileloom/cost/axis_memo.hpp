#pragma once
// Axis sums by the loops that determine them. A search meets the same loops over one axis again and
// again in different company; each is worked out once.

#include <cstdint>
#include <deque>
#include <span>
#include <vector>

#include "tileloom/cost/axis_sums.hpp"
#include "tileloom/cost/move_enumeration.hpp"

namespace tileloom::cost {

/// MoveSums as doubles: products of them cannot overflow, and are exact up to 2^53.
struct QuickMove {
  double united_now = 0, united_before = 0;
  double united_now_kept = 0, united_before_kept = 0;
  double each_now = 0, each_kept = 0;
};

/// AxisSums in the order of time: still[0], own[0], still[1], own[1], ..., still[n].
struct QuickSums {
  std::span<const QuickMove> moves;
  double largest = 0;

  const QuickMove& still(std::size_t k) const { return moves[2 * k]; }
  const QuickMove& own(std::size_t k) const { return moves[2 * k + 1]; }
};

/// One loop over an axis, packed: tile, chain, and whether it is spatial; not whether it shares.
enum class PackedLoop : std::uint64_t {};
inline PackedLoop pack(std::size_t chain, std::int64_t tile, bool spatial) {
  return static_cast<PackedLoop>((static_cast<std::uint64_t>(tile) << 8) |
                                 (static_cast<std::uint64_t>(chain) << 1) |
                                 static_cast<std::uint64_t>(spatial));
}
inline bool is_spatial(PackedLoop loop) { return (static_cast<std::uint64_t>(loop) & 1U) != 0; }
inline std::size_t chain_of(PackedLoop loop) {
  return (static_cast<std::uint64_t>(loop) >> 1) & 127U;
}
inline std::int64_t tile_of(PackedLoop loop) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(loop) >> 8);
}

/// What the sums are for: a buffer that keeps something, or the lanes, which keep nothing.
enum class SumsFor : std::uint8_t { overlap, same, lanes };

/// The sums of one axis for any loops over it. Loops are a path from the root of a tree: each node
/// is reached from the node of all loops but the last. Not shared between threads.
class AxisMemo {
 public:
  enum class Node : std::uint32_t {};
  static constexpr Node kRoot{0};  ///< no loops

  /// `axis`: offset, extent, coefficients and chains without loops.
  explicit AxisMemo(AxisChains axis);

  const AxisChains& axis() const { return axis_; }
  /// The node of the loops of `node` and then `loop`; valid until forget_if_full.
  Node below(Node node, PackedLoop loop);
  /// `shared`: bit i says whether the i-th spatial loop shares. For the lanes only `still(0)` is
  /// there: all states. Valid until forget_if_full.
  const QuickSums& sums(Node node, SumsFor purpose, std::uint64_t shared);
  /// Elements along this axis that one lane uses if no loop over the axis is spatial.
  double lane_elements();
  /// Starts anew if there are too many nodes.
  void forget_if_full();

 private:
  struct NodeData {
    Node parent{};
    PackedLoop loop{};
    std::int32_t first_found = -1;  ///< into found_; a list through Found::next
  };
  struct Found {
    SumsFor purpose{};
    std::uint64_t shared = 0;
    std::int32_t next = -1;
    QuickSums sums;
  };
  /// One way down, in an open-addressed table; `to` is never the root.
  struct Step {
    Node from{};
    Node to{};
    PackedLoop loop{};
  };

  std::size_t slot_of(Node node, PackedLoop loop) const;
  QuickSums work_out(Node node, SumsFor purpose, std::uint64_t shared);
  /// Writes the loops of a node to under_.
  void set_loops(Node node, std::uint64_t shared);
  /// Room for so many moves until all is forgotten.
  std::span<QuickMove> room_for(std::size_t moves);
  void clear();
  void grow();

  AxisChains axis_;
  AxisChains under_;  ///< the same axis under the loops looked at
  std::vector<PackedLoop> loops_;
  MoveEnumeration states_;
  std::vector<NodeData> nodes_;
  std::vector<Step> steps_;
  std::deque<Found> found_;
  std::vector<std::vector<QuickMove>> moves_;  ///< of found_, in blocks that stay in their place
  double lane_elements_ = -1;                  ///< negative: not known yet
};

}  // namespace tileloom::cost
