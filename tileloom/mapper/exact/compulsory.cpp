#include "tileloom/mapper/exact/compulsory.hpp"

#include <algorithm>

#include "tileloom/support/checked.hpp"

namespace tileloom::mapper {
namespace {

/// Terms of an axis, smallest coefficient first, with the extents of their ranks.
struct Span {
  std::int64_t coefficient = 1;
  std::int64_t extent = 1;
};

std::vector<Span> spans(const Operator& op, const Axis& axis) {
  std::vector<Span> all;
  for (const Term& term : axis.terms) {
    all.push_back({term.coefficient, op.rank(term.rank).extent});
  }
  std::ranges::sort(all, {}, &Span::coefficient);
  return all;
}

/// Values v in [0, extent) with 0 ≤ from + coefficient·v < size.
std::int64_t inside(std::int64_t from, const Span& span, std::int64_t size) {
  const std::int64_t first = from < 0 ? ceil_div(-from, span.coefficient) : 0;
  const std::int64_t room = size - 1 - from;
  const std::int64_t last = room < 0 ? -1 : std::min(span.extent - 1, room / span.coefficient);
  return std::max<std::int64_t>(0, last - first + 1);
}

std::int64_t hull(const Operator& op, const Axis& axis) {
  std::int64_t last = axis.offset;
  for (const Span& span : spans(op, axis)) {
    last = checked_add(last, checked_mul(span.coefficient, span.extent - 1));
  }
  return std::max<std::int64_t>(
      0, std::min(last + 1, axis.extent) - std::max<std::int64_t>(0, axis.offset));
}

std::int64_t used_indices(const Operator& op, const Axis& axis) {
  std::int64_t reach = 1;
  std::int64_t longest = axis.terms.empty() ? hull(op, axis) : 0;
  bool dense = true;
  for (const Span& span : spans(op, axis)) {
    dense = dense && (span.extent == 1 || span.coefficient <= reach);
    reach = checked_add(reach, checked_mul(span.coefficient, span.extent - 1));
    longest = std::max(longest, inside(axis.offset, span, axis.extent));
  }
  return dense ? hull(op, axis) : longest;
}

/// Combinations of the terms' values with an index inside the tensor; the last one in one step.
std::int64_t combinations(std::int64_t from, const std::vector<Span>& all, std::size_t next,
                          std::int64_t size) {
  if (next + 1 == all.size()) return inside(from, all[next], size);
  std::int64_t total = 0;
  for (std::int64_t v = 0; v < all[next].extent; ++v) {
    total += combinations(from + v * all[next].coefficient, all, next + 1, size);
  }
  return total;
}

double used_combinations(const Operator& op, const Axis& axis) {
  if (axis.terms.empty()) return static_cast<double>(hull(op, axis));
  std::vector<Span> all = spans(op, axis);
  std::ranges::sort(all, {}, &Span::extent);
  double walked = 1;
  for (std::size_t i = 0; i + 1 < all.size(); ++i) walked *= static_cast<double>(all[i].extent);
  if (walked > 1 << 20) return static_cast<double>(used_indices(op, axis));
  return static_cast<double>(combinations(axis.offset, all, 0, axis.extent));
}

}  // namespace

double used_elements(const Operator& op, const Operand& operand) {
  double product = 1;
  for (const Axis& axis : operand.axes) product *= static_cast<double>(used_indices(op, axis));
  return product;
}

double hull_elements(const Operator& op, const Operand& operand) {
  double product = 1;
  for (const Axis& axis : operand.axes) product *= static_cast<double>(hull(op, axis));
  return product;
}

double uses(const Operator& op, const Operand& operand) {
  double product = 1;
  for (const RankId rank : ids<RankId>(op.ranks.size())) {
    if (!relevant(operand, rank)) product *= static_cast<double>(op.rank(rank).extent);
  }
  for (const Axis& axis : operand.axes) product *= used_combinations(op, axis);
  return product;
}

}  // namespace tileloom::mapper
