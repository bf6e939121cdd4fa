#pragma once
// What solve() chooses from: one function per library, each in a file of its own.

#include "tileloom/solver/solve.hpp"

namespace tileloom::solver {

Solution solve_with_cbc(const Mip& mip, const Effort& effort);
/// Only in builds that found HiGHS.
Solution solve_with_highs(const Mip& mip, const Effort& effort);

/// The matrix of a program, column by column, duplicates added up: what the libraries load.
struct Columns {
  std::vector<int> starts;  ///< shape (variables + 1)
  std::vector<int> rows;
  std::vector<double> coefficients;
  std::vector<double> least, most, costs;    ///< per variable
  std::vector<double> row_least, row_most;  ///< per row
};
Columns columns_of(const Mip& mip);

/// The values a library found, integers rounded to the whole numbers they are meant to be.
Values rounded(const Mip& mip, const double* values);

}  // namespace tileloom::solver
