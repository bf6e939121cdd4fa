#include "tileloom/cost/axis_memo.hpp"

#include <algorithm>
#include <utility>

namespace tileloom::cost {
namespace {

constexpr std::size_t kFirstSlots = 256;  // a power of two
constexpr std::size_t kMovesOfBlock = 1024;
/// Forgets everything beyond so many nodes (a few tens of MB).
constexpr std::size_t kMostNodes = std::size_t{1} << 17;

QuickMove quick(const MoveSums& sums) {
  const auto d = [](std::int64_t n) { return static_cast<double>(n); };
  return {.united_now = d(sums.united_now),
          .united_before = d(sums.united_before),
          .united_now_kept = d(sums.united_now_kept),
          .united_before_kept = d(sums.united_before_kept),
          .each_now = d(sums.each_now),
          .each_kept = d(sums.each_kept)};
}

}  // namespace

AxisMemo::AxisMemo(AxisChains axis) : axis_(std::move(axis)), under_(axis_) { clear(); }

void AxisMemo::clear() {
  nodes_.assign(1, {});
  found_.clear();
  moves_.clear();
  steps_.assign(kFirstSlots, {});
}

void AxisMemo::forget_if_full() {
  if (nodes_.size() > kMostNodes) clear();
}

/// Where the step is, or the free slot where it belongs.
std::size_t AxisMemo::slot_of(Node node, PackedLoop loop) const {
  std::uint64_t hash =
      (static_cast<std::uint64_t>(loop) ^ (static_cast<std::uint64_t>(node) << 40)) *
      0x9e3779b97f4a7c15ULL;
  hash ^= hash >> 32;
  std::size_t slot = hash & (steps_.size() - 1);
  while (steps_[slot].to != kRoot && (steps_[slot].from != node || steps_[slot].loop != loop)) {
    slot = (slot + 1) & (steps_.size() - 1);
  }
  return slot;
}

AxisMemo::Node AxisMemo::below(Node node, PackedLoop loop) {
  std::size_t slot = slot_of(node, loop);
  if (steps_[slot].to != kRoot) return steps_[slot].to;
  if (2 * nodes_.size() >= steps_.size()) {
    grow();
    slot = slot_of(node, loop);
  }
  const auto reached = static_cast<Node>(nodes_.size());
  nodes_.push_back({node, loop, -1});
  steps_[slot] = {node, reached, loop};
  return reached;
}

void AxisMemo::grow() {
  steps_.assign(2 * steps_.size(), {});
  for (std::size_t n = 1; n < nodes_.size(); ++n) {
    const NodeData& node = nodes_[n];
    steps_[slot_of(node.parent, node.loop)] = {node.parent, static_cast<Node>(n), node.loop};
  }
}

const QuickSums& AxisMemo::sums(Node node, SumsFor purpose, std::uint64_t shared) {
  std::int32_t& first = nodes_[static_cast<std::size_t>(node)].first_found;
  for (std::int32_t f = first; f >= 0; f = found_[static_cast<std::size_t>(f)].next) {
    const Found& found = found_[static_cast<std::size_t>(f)];
    if (found.purpose == purpose && found.shared == shared) return found.sums;
  }
  found_.push_back({purpose, shared, first, work_out(node, purpose, shared)});
  first = static_cast<std::int32_t>(found_.size() - 1);
  return found_.back().sums;
}

double AxisMemo::lane_elements() {
  if (lane_elements_ < 0) {
    AxisChains axis = axis_;
    for (std::size_t c = 0; c < axis.chains.size(); ++c) {
      axis.chains[c].append(1, LinkKind::temporal);
      axis.loops.push_back(c);
    }
    lane_elements_ = static_cast<double>(all_states(axis).each_now);
  }
  return lane_elements_;
}

void AxisMemo::set_loops(Node node, std::uint64_t shared) {
  loops_.clear();
  for (; node != kRoot; node = nodes_[static_cast<std::size_t>(node)].parent) {
    loops_.push_back(nodes_[static_cast<std::size_t>(node)].loop);
  }
  std::ranges::reverse(loops_);
  for (Chain& chain : under_.chains) chain.links.clear();
  under_.loops.clear();
  for (const PackedLoop loop : loops_) {
    LinkKind kind = LinkKind::temporal;
    if (is_spatial(loop)) {
      kind = (shared & 1U) != 0 ? LinkKind::grouped : LinkKind::separate;
      shared >>= 1;
    }
    under_.chains[chain_of(loop)].append(tile_of(loop), kind);
    if (kind == LinkKind::temporal) under_.loops.push_back(chain_of(loop));
  }
}

QuickSums AxisMemo::work_out(Node node, SumsFor purpose, std::uint64_t shared) {
  set_loops(node, shared);
  if (purpose == SumsFor::lanes) {
    const std::span<QuickMove> only = room_for(1);
    only[0] = quick(all_states(under_, states_));
    return {only, 0};
  }
  const Keep keep = purpose == SumsFor::overlap ? Keep::overlap : Keep::same;
  const AxisSums sums = axis_sums(under_, keep, states_);
  const std::span<QuickMove> moves = room_for(2 * sums.own.size() + 1);
  for (std::size_t k = 0; k < sums.own.size(); ++k) {
    moves[2 * k] = quick(sums.still[k]);
    moves[2 * k + 1] = quick(sums.own[k]);
  }
  moves.back() = quick(sums.still.back());
  return {moves, static_cast<double>(sums.largest)};
}

std::span<QuickMove> AxisMemo::room_for(std::size_t moves) {
  if (moves_.empty() || moves_.back().size() + moves > moves_.back().capacity()) {
    moves_.emplace_back().reserve(std::max(moves, kMovesOfBlock));
  }
  std::vector<QuickMove>& block = moves_.back();
  block.resize(block.size() + moves);
  return std::span(block).last(moves);
}

}  // namespace tileloom::cost
