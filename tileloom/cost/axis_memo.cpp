#include "tileloom/cost/axis_memo.hpp"

#include <algorithm>

namespace tileloom::cost {
namespace {

constexpr std::size_t kFirstSlots = 256;
/// Forgets everything beyond this many entries (a few tens of MB).
constexpr std::size_t kMostEntries = std::size_t{1} << 17;

QuickMove quick(const MoveSums& sums) {
  const auto d = [](std::int64_t n) { return static_cast<double>(n); };
  return {d(sums.united_now),         d(sums.united_now_kept), d(sums.united_before),
          d(sums.united_before_kept), d(sums.each_now),        d(sums.each_kept)};
}

}  // namespace

AxisMemo::AxisMemo(AxisChains axis, Keep keep)
    : axis_(std::move(axis)), keep_(keep), slots_(kFirstSlots) {}

const QuickSums& AxisMemo::operator()(const AxisKey& key) {
  const std::uint64_t hash = key.hash ^ (key.shared * 0x9e3779b97f4a7c15ULL);
  for (;;) {
    std::size_t slot = hash & (slots_.size() - 1);
    while (slots_[slot].sums) {
      const Entry& entry = slots_[slot];
      if (entry.hash == hash && entry.key.shared == key.shared &&
          std::ranges::equal(entry.key.loops, key.loops)) {
        return *entry.sums;
      }
      slot = (slot + 1) & (slots_.size() - 1);
    }
    if (2 * used_ < slots_.size()) {
      slots_[slot] = {hash, key, work_out(key)};
      ++used_;
      return *slots_[slot].sums;
    }
    grow();
  }
}

std::unique_ptr<QuickSums> AxisMemo::work_out(const AxisKey& key) const {
  AxisChains axis = axis_;
  std::size_t spatial = 0;
  for (const PackedLoop loop : key.loops) {
    LinkKind kind = LinkKind::temporal;
    if ((loop & 1U) != 0) {
      kind = ((key.shared >> spatial) & 1U) != 0 ? LinkKind::grouped : LinkKind::separate;
      ++spatial;
    }
    const auto chain = static_cast<std::size_t>((loop >> 1) & 127U);
    axis.chains[chain].append(static_cast<std::int64_t>(loop >> 8), kind);
    if (kind == LinkKind::temporal) axis.loops.push_back(chain);
  }
  const AxisSums sums = axis_sums(axis, keep_);
  auto result = std::make_unique<QuickSums>();
  for (const MoveSums& move : sums.own) result->own.push_back(quick(move));
  for (const MoveSums& move : sums.still) result->still.push_back(quick(move));
  result->largest = static_cast<double>(sums.largest);
  return result;
}

void AxisMemo::grow() {
  std::vector<Entry> old = std::move(slots_);
  const bool forget = old.size() >= 2 * kMostEntries;
  slots_.clear();
  slots_.resize(forget ? kFirstSlots : 2 * old.size());
  used_ = 0;
  if (forget) return;
  for (Entry& entry : old) {
    if (!entry.sums) continue;
    std::size_t slot = entry.hash & (slots_.size() - 1);
    while (slots_[slot].sums) slot = (slot + 1) & (slots_.size() - 1);
    slots_[slot] = std::move(entry);
    ++used_;
  }
}

}  // namespace tileloom::cost
