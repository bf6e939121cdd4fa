// HiGHS through its library, where it was found.

#include <Highs.h>

#include <algorithm>
#include <cmath>

#include "tileloom/solver/backend.hpp"

namespace tileloom::solver {
namespace {

HighsLp lp_of(const Mip& mip) {
  const Columns matrix = columns_of(mip);
  HighsLp lp;
  lp.num_col_ = static_cast<HighsInt>(mip.variables.size());
  lp.num_row_ = static_cast<HighsInt>(mip.rows.size());
  lp.sense_ = ObjSense::kMinimize;
  lp.offset_ = mip.offset;
  lp.col_cost_ = matrix.costs;
  lp.col_lower_ = matrix.least;
  lp.col_upper_ = matrix.most;
  lp.row_lower_ = matrix.row_least;
  lp.row_upper_ = matrix.row_most;
  lp.a_matrix_.format_ = MatrixFormat::kColwise;
  lp.a_matrix_.start_.assign(matrix.starts.begin(), matrix.starts.end());
  lp.a_matrix_.index_.assign(matrix.rows.begin(), matrix.rows.end());
  lp.a_matrix_.value_ = matrix.coefficients;
  for (const Variable& variable : mip.variables) {
    lp.integrality_.push_back(variable.integer ? HighsVarType::kInteger
                                               : HighsVarType::kContinuous);
  }
  return lp;
}

/// Whether HiGHS gave up for a reason of its own: what it then says of bounds means nothing.
bool broke_down(HighsModelStatus status) {
  switch (status) {
    case HighsModelStatus::kNotset:
    case HighsModelStatus::kLoadError:
    case HighsModelStatus::kModelError:
    case HighsModelStatus::kPresolveError:
    case HighsModelStatus::kSolveError:
    case HighsModelStatus::kPostsolveError:
      return true;
    default:  // outcomes, whose number grows with the versions of HiGHS
      return false;
  }
}

/// Whether no values that satisfy the rows are better than the cutoff, as HiGHS proved.
bool nothing_better(const Mip& mip, const Effort& effort, HighsModelStatus status, double value) {
  switch (status) {
    case HighsModelStatus::kInfeasible:
      return true;
    case HighsModelStatus::kUnboundedOrInfeasible:
      return bounded_below(mip);
    case HighsModelStatus::kObjectiveBound:
      return effort.cutoff.has_value();
    case HighsModelStatus::kOptimal:  // HiGHS may answer with values that are no better
      return effort.cutoff && value >= *effort.cutoff;
    default:
      return false;
  }
}

/// The bound of the search tree. Programs without integers have none.
double tree_bound(const Mip& mip, const HighsInfo& info) {
  const bool tree = std::ranges::any_of(mip.variables, &Variable::integer);
  return tree && info.valid && std::isfinite(info.mip_dual_bound) ? info.mip_dual_bound
                                                                  : -kUnbounded;
}

Solution read(const Mip& mip, const Effort& effort, const Highs& highs) {
  const HighsInfo& info = highs.getInfo();
  const HighsModelStatus status = highs.getModelStatus();
  Solution solution;
  solution.nodes = std::max<std::int64_t>(info.mip_node_count, 1);
  if (broke_down(status)) return solution;
  if (nothing_better(mip, effort, status, info.objective_function_value)) {
    solution.proof = Proof::infeasible;
    solution.bound = kUnbounded;
    return solution;
  }
  if (info.primal_solution_status == kSolutionStatusFeasible) {
    solution.values = rounded(mip, highs.getSolution().col_value.data());
    solution.value = objective(mip, *solution.values);
  }
  const bool proved = status == HighsModelStatus::kOptimal && solution.values;
  solution.proof = proved ? Proof::optimal : Proof::budget_spent;
  solution.bound = proved ? solution.value : tree_bound(mip, info);
  return solution;
}

}  // namespace

Solution solve_with_highs(const Mip& mip, const Effort& effort) {
  Highs highs;
  highs.setOptionValue("output_flag", false);
  highs.setOptionValue("threads", 1);
  highs.setOptionValue("mip_rel_gap", 0.0);
  highs.setOptionValue("mip_abs_gap", 1e-7);
  constexpr std::int64_t kMostNodes = 1 << 30;
  highs.setOptionValue("mip_max_nodes", static_cast<HighsInt>(std::clamp<std::int64_t>(
                                            effort.nodes, 1, kMostNodes)));
  if (effort.cutoff) highs.setOptionValue("objective_bound", *effort.cutoff);
  const bool worked = highs.passModel(lp_of(mip)) != HighsStatus::kError &&
                      highs.run() != HighsStatus::kError;
  return worked ? read(mip, effort, highs) : Solution{.nodes = 1};  // no values, no bound
}

}  // namespace tileloom::solver
