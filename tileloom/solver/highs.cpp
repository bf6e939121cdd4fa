// HiGHS through its library, where it was found.

#include <Highs.h>

#include <algorithm>

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
  highs.passModel(lp_of(mip));
  highs.run();
  const HighsInfo& info = highs.getInfo();
  Solution solution;
  solution.nodes = std::max<std::int64_t>(info.mip_node_count, 1);
  const HighsModelStatus status = highs.getModelStatus();
  // HiGHS may answer with values that are no better than the cutoff.
  const bool too_late = status == HighsModelStatus::kOptimal && effort.cutoff &&
                        info.objective_function_value >= *effort.cutoff;
  if (status == HighsModelStatus::kInfeasible ||
      status == HighsModelStatus::kUnboundedOrInfeasible ||
      status == HighsModelStatus::kObjectiveBound || too_late) {
    solution.proof = Proof::infeasible;
    solution.bound = kUnbounded;
    return solution;
  }
  solution.bound = info.mip_dual_bound;
  if (info.primal_solution_status == kSolutionStatusFeasible) {
    solution.values = rounded(mip, highs.getSolution().col_value.data());
    solution.value = objective(mip, *solution.values);
  }
  solution.proof =
      status == HighsModelStatus::kOptimal ? Proof::optimal : Proof::budget_spent;
  // Programs without integers have no dual bound of their own.
  if (solution.proof == Proof::optimal) solution.bound = solution.value;
  return solution;
}

}  // namespace tileloom::solver
