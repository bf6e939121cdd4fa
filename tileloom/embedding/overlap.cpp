#include "tileloom/embedding/overlap.hpp"

#include <algorithm>
#include <numeric>

#include "tileloom/support/checked.hpp"

namespace tileloom {
namespace {

/// Terms over ranks of more than one value.
std::vector<Term> moving_terms(const Operator& op, const Axis& axis) {
  std::vector<Term> terms;
  for (const Term& term : axis.terms) {
    if (op.rank(term.rank).extent > 1) terms.push_back(term);
  }
  return terms;
}

std::vector<Difference> pair_overlap(const Operator& op, const Term& a, const Term& b) {
  const std::int64_t common = std::gcd(a.coefficient, b.coefficient);
  const std::int64_t move_a = b.coefficient / common;
  const std::int64_t move_b = a.coefficient / common;
  if (move_a >= op.rank(a.rank).extent || move_b >= op.rank(b.rank).extent) return {};
  Difference difference(op.ranks.size(), 0);
  difference[index(a.rank)] = move_a;
  difference[index(b.rank)] = -move_b;
  return {difference};
}

/// All differences of three ranks or more: every rank but the longest is tried, that one follows.
std::vector<Difference> all_overlaps(const Operator& op, std::vector<Term> terms) {
  std::ranges::stable_sort(terms, {}, [&](const Term& term) { return op.rank(term.rank).extent; });
  const Term last = terms.back();
  terms.pop_back();
  std::vector<Difference> found;
  Difference difference(op.ranks.size(), 0);
  for (const Term& term : terms) difference[index(term.rank)] = 1 - op.rank(term.rank).extent;
  for (;;) {
    std::int64_t sum = 0;
    for (const Term& term : terms) {
      sum = checked_add(sum, checked_mul(term.coefficient, difference[index(term.rank)]));
    }
    if (sum % last.coefficient == 0) {
      difference[index(last.rank)] = -sum / last.coefficient;
      const bool zero = std::ranges::all_of(difference, [](std::int64_t d) { return d == 0; });
      if (!zero && std::abs(difference[index(last.rank)]) < op.rank(last.rank).extent) {
        found.push_back(difference);
      }
      difference[index(last.rank)] = 0;
    }
    std::size_t i = 0;
    for (; i < terms.size(); ++i) {
      const RankId rank = terms[i].rank;
      if (++difference[index(rank)] < op.rank(rank).extent) break;
      difference[index(rank)] = 1 - op.rank(rank).extent;
    }
    if (i == terms.size()) return found;
  }
}

}  // namespace

std::vector<Difference> overlaps(const Operator& op, const Axis& axis) {
  const std::vector<Term> terms = moving_terms(op, axis);
  if (terms.size() < 2) return {};
  if (terms.size() == 2) return pair_overlap(op, terms[0], terms[1]);
  return all_overlaps(op, terms);
}

std::vector<Difference> overlaps(const Operator& op, const Operand& operand) {
  std::vector<Difference> all;
  for (std::size_t r = 0; r < op.ranks.size(); ++r) {
    const auto rank = static_cast<RankId>(r);
    if (relevant(operand, rank)) continue;
    Difference difference(op.ranks.size(), 0);
    difference[r] = 1;
    all.push_back(std::move(difference));
  }
  for (const Axis& axis : operand.axes) {
    for (Difference& difference : overlaps(op, axis)) all.push_back(std::move(difference));
  }
  return all;
}

}  // namespace tileloom
