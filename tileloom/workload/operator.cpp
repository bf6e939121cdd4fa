#include "tileloom/workload/operator.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "tileloom/support/checked.hpp"

namespace tileloom {

std::string to_string(Role role) {
  switch (role) {
    case Role::input:
      return "input";
    case Role::weight:
      return "weight";
    case Role::output:
      return "output";
  }
  return {};
}

std::int64_t points(const Operator& op) {
  std::int64_t product = 1;
  for (const Rank& rank : op.ranks) product = checked_mul(product, rank.extent);
  return product;
}

std::int64_t macs(const Operator& op) {
  const bool is_mac = op.function == PointFunction::multiply && op.reduction == Reduction::sum;
  return is_mac ? points(op) : 0;
}

bool relevant(const Operand& operand, RankId rank) {
  return std::ranges::any_of(operand.axes, [&](const Axis& axis) {
    return std::ranges::any_of(axis.terms, [&](const Term& term) { return term.rank == rank; });
  });
}

std::int64_t elements(const Operand& operand) {
  std::int64_t product = 1;
  for (const Axis& axis : operand.axes) product = checked_mul(product, axis.extent);
  return product;
}

std::vector<const Operand*> operands(const Operator& op) {
  std::vector<const Operand*> all;
  for (const Operand& input : op.inputs) all.push_back(&input);
  all.push_back(&op.output);
  return all;
}

std::string formula(const Operator& op, const Axis& axis) {
  std::string text;
  for (const Term& term : axis.terms) {
    if (!text.empty()) text += " + ";
    if (term.coefficient != 1) text += fmt::format("{}·", term.coefficient);
    text += op.rank(term.rank).name;
  }
  return text;
}

std::optional<std::string> holes_in_output(const Operator& op) {
  for (const Axis& axis : op.output.axes) {
    std::vector<Term> terms = axis.terms;
    std::ranges::stable_sort(terms, {}, &Term::coefficient);
    std::int64_t reach = 0;  // the smaller terms take every value from 0 to this
    for (const Term& term : terms) {
      const Rank& rank = op.rank(term.rank);
      if (rank.extent > 1 && term.coefficient > 1 + reach) {
        return fmt::format(
            "the output's axis {} skips indices: {} moves by {}, the smaller terms by at most {}",
            formula(op, axis), rank.name, term.coefficient, reach);
      }
      reach = checked_add(reach, checked_mul(term.coefficient, rank.extent - 1));
    }
  }
  return std::nullopt;
}

}  // namespace tileloom
