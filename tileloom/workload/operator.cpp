#include "tileloom/workload/operator.hpp"

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

}  // namespace tileloom
