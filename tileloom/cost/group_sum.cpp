#include "tileloom/cost/group_sum.hpp"

#include <algorithm>

#include "tileloom/support/checked.hpp"

namespace tileloom::cost {
namespace {

Interval kept_part(const Interval& now, const Interval& before, Keep keep) {
  if (keep == Keep::same) return now == before ? now : Interval{};
  const Interval common{std::max(now.begin, before.begin), std::min(now.end, before.end)};
  return common.length() > 0 ? common : Interval{};
}

/// Number of distinct indices in a list of intervals (which it sorts).
std::int64_t union_length(std::vector<Interval>& intervals) {
  if (!std::ranges::is_sorted(intervals, {}, &Interval::begin)) {
    std::ranges::sort(intervals, {}, &Interval::begin);
  }
  std::int64_t total = 0;
  std::int64_t covered_to = INT64_MIN;
  for (const Interval& interval : intervals) {
    const std::int64_t from = std::max(interval.begin, covered_to);
    if (interval.end > from) {
      total += interval.end - from;
      covered_to = interval.end;
    }
  }
  return total;
}

/// The pieces of `whole` outside `hole` (at most two).
void subtract(const Interval& whole, const Interval& hole, std::vector<Interval>& pieces) {
  if (hole.length() == 0) {
    pieces.push_back(whole);
    return;
  }
  if (whole.begin < hole.begin) pieces.push_back({whole.begin, hole.begin});
  if (hole.end < whole.end) pieces.push_back({hole.end, whole.end});
}

}  // namespace

GroupSum::GroupSum() {
  constexpr std::size_t kUsual = 16;
  positions_.reserve(kUsual);
  for (std::vector<Interval>* list : {&now_, &before_, &entering_, &leaving_}) {
    list->reserve(kUsual);
  }
}

void GroupSum::finish(Keep keep, std::int64_t count, MoveSums& sums, std::int64_t& largest) {
  now_.clear();
  before_.clear();
  entering_.clear();
  leaving_.clear();
  const auto add = [&](std::int64_t& sum, std::int64_t value) {
    sum = checked_add(sum, checked_mul(count, value));
  };
  for (const Position& position : positions_) {
    const Interval kept = kept_part(position.now, position.before, keep);
    add(sums.each_now, position.now.length());
    add(sums.each_kept, kept.length());
    largest = std::max(largest, position.now.length());
    if (position.now.length() > 0) {
      now_.push_back(position.now);
      subtract(position.now, kept, entering_);
    }
    if (position.before.length() > 0) {
      before_.push_back(position.before);
      subtract(position.before, kept, leaving_);
    }
  }
  const std::int64_t now = union_length(now_);
  const std::int64_t before = union_length(before_);
  add(sums.united_now, now);
  add(sums.united_now_kept, now - union_length(entering_));
  add(sums.united_before, before);
  add(sums.united_before_kept, before - union_length(leaving_));
}

}  // namespace tileloom::cost
