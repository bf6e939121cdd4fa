#include "tileloom/solver/solve.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <utility>

#include "tileloom/solver/backend.hpp"
#include "tileloom/support/nearest.hpp"

namespace tileloom::solver {

std::string to_string(Backend backend) {
  switch (backend) {
    case Backend::cbc:
      return "cbc";
    case Backend::highs:
      return "highs";
  }
  return "?";
}

std::vector<Backend> backends() {
#ifdef TILELOOM_HIGHS
  return {Backend::cbc, Backend::highs};
#else
  return {Backend::cbc};
#endif
}

Result<Backend> parse_backend(std::string_view name) {
  std::vector<std::string> names;
  for (const Backend backend : backends()) {
    if (name == to_string(backend)) return backend;
    names.push_back(to_string(backend));
  }
  if (name == to_string(Backend::highs)) {
    return mistake({}, "this build has no solver 'highs'",
                   "build again where CMake finds HiGHS, or use 'cbc'");
  }
  return mistake({}, fmt::format("unknown solver '{}'", name), suggestion(name, names));
}

Columns columns_of(const Mip& mip) {
  std::vector<std::vector<std::pair<int, double>>> columns(mip.variables.size());
  for (const RowId r : ids<RowId>(mip.rows.size())) {
    for (const Share& share : mip.rows[r].sum) {
      auto& column = columns[index(share.variable)];
      if (!column.empty() && column.back().first == static_cast<int>(index(r))) {
        column.back().second += share.coefficient;
      } else {
        column.emplace_back(static_cast<int>(index(r)), share.coefficient);
      }
    }
  }
  Columns matrix;
  for (const auto& column : columns) {
    matrix.starts.push_back(static_cast<int>(matrix.rows.size()));
    for (const auto& [row, coefficient] : column) {
      matrix.rows.push_back(row);
      matrix.coefficients.push_back(coefficient);
    }
  }
  matrix.starts.push_back(static_cast<int>(matrix.rows.size()));
  for (const Variable& variable : mip.variables) {
    matrix.least.push_back(variable.least);
    matrix.most.push_back(variable.most);
    matrix.costs.push_back(variable.cost);
  }
  for (const Row& row : mip.rows) {
    matrix.row_least.push_back(row.least);
    matrix.row_most.push_back(row.most);
  }
  return matrix;
}

Values rounded(const Mip& mip, const double* values) {
  Values result(mip.variables.size());
  for (const VariableId v : ids<VariableId>(mip.variables.size())) {
    result[v] = mip.variables[v].integer ? std::round(values[index(v)]) : values[index(v)];
  }
  return result;
}

Solution solve(const Mip& mip, const Effort& effort) {
  switch (effort.backend) {
    case Backend::cbc:
      return solve_with_cbc(mip, effort);
    case Backend::highs:
#ifdef TILELOOM_HIGHS
      return solve_with_highs(mip, effort);
#else
      throw std::logic_error("this build has no HiGHS");  // parse_backend said so
#endif
  }
  return {};
}

}  // namespace tileloom::solver
