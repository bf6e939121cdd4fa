#pragma once
// A mixed-integer program as a value: named variables, named rows, a linear objective to minimise.

#include <limits>
#include <string>
#include <vector>

#include "tileloom/support/id.hpp"

namespace tileloom::solver {

enum class VariableId : std::uint32_t {};  ///< index into Mip::variables
enum class RowId : std::uint32_t {};       ///< index into Mip::rows

inline constexpr double kUnbounded = std::numeric_limits<double>::infinity();

struct Variable {
  std::string name;
  double least = 0;
  double most = kUnbounded;
  bool integer = false;
  double cost = 0;  ///< coefficient in the objective
  bool operator==(const Variable&) const = default;
};

/// coefficient · variable
struct Share {
  VariableId variable{};
  double coefficient = 1;
  bool operator==(const Share&) const = default;
};
using Sum = std::vector<Share>;

/// least ≤ Σ shares ≤ most. A variable may occur several times; its coefficients add up.
struct Row {
  std::string name;  ///< says what it means, such as "capacity[GlobalBuffer,I]"
  Sum sum;
  double least = -kUnbounded;
  double most = kUnbounded;
  bool operator==(const Row&) const = default;
};

/// Minimise offset + Σ cost · variable under the rows.
struct Mip {
  PerId<VariableId, Variable> variables;
  PerId<RowId, Row> rows;
  double offset = 0;
  bool operator==(const Mip&) const = default;
};

using Values = PerId<VariableId, double>;

/// Value of the objective.
double objective(const Mip& mip, const Values& values);
double value_of(const Sum& sum, const Values& values);

/// Whether the bounds of the variables alone bound the objective from below: what is then "unbounded
/// or infeasible" is infeasible.
bool bounded_below(const Mip& mip);

/// Every row, bound and integrality that `values` break by more than `tolerance`, as a sentence
/// with its numbers; empty = feasible.
std::vector<std::string> broken(const Mip& mip, const Values& values, double tolerance = 1e-6);

/// Every row with its name, to be read: "capacity[GlobalBuffer,I]: 1.58 e[K,3,…] + … ≤ 15".
std::string to_text(const Mip& mip);

}  // namespace tileloom::solver
