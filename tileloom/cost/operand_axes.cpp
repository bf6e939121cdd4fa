#include "tileloom/cost/operand_axes.hpp"

namespace tileloom::cost {

OperandAxes operand_axes(const Operator& op, const Operand& operand) {
  OperandAxes result;
  result.places.resize(op.ranks.size());
  std::vector<bool> placed(op.ranks.size(), false);
  for (const Axis& axis : operand.axes) {
    AxisChains chains{.offset = axis.offset,
                      .extent = axis.extent,
                      .idle_only = false,
                      .coefficients = {},
                      .chains = {},
                      .loops = {}};
    for (const Term& term : axis.terms) {
      result.places[index(term.rank)] = {result.axes.size(), chains.chains.size()};
      placed[index(term.rank)] = true;
      chains.coefficients.push_back(term.coefficient);
      chains.chains.push_back({op.rank(term.rank).extent, {}});
    }
    result.axes.push_back(std::move(chains));
  }
  for (std::size_t r = 0; r < op.ranks.size(); ++r) {
    if (placed[r]) continue;
    result.places[r] = {result.axes.size(), 0};
    result.axes.push_back({.offset = 0,
                           .extent = 1,
                           .idle_only = true,
                           .coefficients = {0},
                           .chains = {{op.ranks[r].extent, {}}},
                           .loops = {}});
  }
  return result;
}

}  // namespace tileloom::cost
