#include "tileloom/solver/mip.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace tileloom::solver {
namespace {

std::string sum_text(const Mip& mip, const Sum& sum) {
  std::string text;
  for (const Share& share : sum) {
    if (share.coefficient == 0) continue;
    const bool negative = share.coefficient < 0;
    text += text.empty() ? (negative ? "-" : "") : (negative ? " - " : " + ");
    const double size = std::abs(share.coefficient);
    if (size != 1) text += fmt::format("{:.6g} ", size);
    text += mip.variables[share.variable].name;
  }
  return text.empty() ? "0" : text;
}

}  // namespace

double value_of(const Sum& sum, const Values& values) {
  double total = 0;
  for (const Share& share : sum) total += share.coefficient * values[share.variable];
  return total;
}

double objective(const Mip& mip, const Values& values) {
  double total = mip.offset;
  for (const VariableId v : ids<VariableId>(mip.variables.size())) {
    total += mip.variables[v].cost * values[v];
  }
  return total;
}

bool bounded_below(const Mip& mip) {
  return std::ranges::all_of(mip.variables, [](const Variable& variable) {
    return variable.cost == 0 ||
           std::isfinite(variable.cost > 0 ? variable.least : variable.most);
  });
}

std::vector<std::string> broken(const Mip& mip, const Values& values, double tolerance) {
  std::vector<std::string> sentences;
  for (const VariableId v : ids<VariableId>(mip.variables.size())) {
    const Variable& variable = mip.variables[v];
    const double value = values[v];
    if (value < variable.least - tolerance || value > variable.most + tolerance) {
      sentences.push_back(fmt::format("{} is {:.6g}, not within {:.6g} and {:.6g}", variable.name,
                                      value, variable.least, variable.most));
    } else if (variable.integer && std::abs(value - std::round(value)) > tolerance) {
      sentences.push_back(fmt::format("{} is {:.6g}, not a whole number", variable.name, value));
    }
  }
  for (const Row& row : mip.rows) {
    const double value = value_of(row.sum, values);
    if (value < row.least - tolerance) {
      sentences.push_back(
          fmt::format("{} is {:.6g}, must be at least {:.6g}", row.name, value, row.least));
    } else if (value > row.most + tolerance) {
      sentences.push_back(
          fmt::format("{} is {:.6g}, must be at most {:.6g}", row.name, value, row.most));
    }
  }
  return sentences;
}

std::string to_text(const Mip& mip) {
  std::string text = "minimise: ";
  Sum costs;
  for (const VariableId v : ids<VariableId>(mip.variables.size())) {
    costs.push_back({v, mip.variables[v].cost});
  }
  text += sum_text(mip, costs);
  if (mip.offset != 0) text += fmt::format(" + {:.6g}", mip.offset);
  text += "\n";
  for (const Row& row : mip.rows) {
    text += row.name + ": ";
    if (row.least == row.most) {
      text += fmt::format("{} = {:.6g}\n", sum_text(mip, row.sum), row.most);
      continue;
    }
    if (row.least > -kUnbounded) text += fmt::format("{:.6g} ≤ ", row.least);
    text += sum_text(mip, row.sum);
    if (row.most < kUnbounded) text += fmt::format(" ≤ {:.6g}", row.most);
    text += "\n";
  }
  return text;
}

}  // namespace tileloom::solver
