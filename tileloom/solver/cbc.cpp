// COIN-OR CBC through its library: branch and cut on Clp.

#include <CbcEventHandler.hpp>
#include <CbcHeuristic.hpp>
#include <CbcHeuristicDiveCoefficient.hpp>
#include <CbcHeuristicRINS.hpp>
#include <CbcModel.hpp>
#include <CglProbing.hpp>
#include <CglTwomir.hpp>
#include <OsiClpSolverInterface.hpp>
#include <algorithm>
#include <atomic>

#include "tileloom/solver/backend.hpp"

namespace tileloom::solver {
namespace {

void load(const Mip& mip, OsiClpSolverInterface& lp) {
  const Columns matrix = columns_of(mip);
  lp.loadProblem(static_cast<int>(mip.variables.size()), static_cast<int>(mip.rows.size()),
                 matrix.starts.data(), matrix.rows.data(), matrix.coefficients.data(),
                 matrix.least.data(), matrix.most.data(), matrix.costs.data(),
                 matrix.row_least.data(), matrix.row_most.data());
  for (const VariableId v : ids<VariableId>(mip.variables.size())) {
    if (mip.variables[v].integer) lp.setInteger(static_cast<int>(index(v)));
  }
}

/// Ends the search when the budget's flag is set; the incumbent stays.
class StopHandler final : public CbcEventHandler {
 public:
  explicit StopHandler(const std::atomic<bool>* flag) : stop_(flag) {}
  CbcAction event(CbcEvent) override {
    return stop_ != nullptr && stop_->load(std::memory_order_relaxed) ? stop : noAction;
  }
  CbcEventHandler* clone() const override { return new StopHandler(*this); }  // CBC deletes it

 private:
  const std::atomic<bool>* stop_;
};

Solution read(const Mip& mip, CbcModel& model) {
  Solution solution;
  solution.nodes = std::max(model.getNodeCount(), 1);
  if (model.isProvenInfeasible()) {
    solution.proof = Proof::infeasible;
    solution.bound = kUnbounded;
    return solution;
  }
  solution.bound = model.getBestPossibleObjValue() + mip.offset;
  if (model.bestSolution() != nullptr) {
    solution.values = rounded(mip, model.bestSolution());
    solution.value = objective(mip, *solution.values);
  }
  solution.proof = model.isProvenOptimal() ? Proof::optimal : Proof::budget_spent;
  if (solution.proof == Proof::optimal) solution.bound = solution.value;
  return solution;
}

}  // namespace

/// Two-step mixed-integer rounding and probing: with them programs of a hundred variables seldom
/// need many branches. The other families of cuts cost more than they save.
Solution solve_with_cbc(const Mip& mip, const Effort& effort) {
  OsiClpSolverInterface lp;
  lp.messageHandler()->setLogLevel(0);
  load(mip, lp);
  CbcModel model(lp);
  model.setLogLevel(0);
  model.solver()->messageHandler()->setLogLevel(0);
  constexpr std::int64_t kMostNodes = 1 << 30;
  model.setMaximumNodes(static_cast<int>(std::clamp<std::int64_t>(effort.nodes, 1, kMostNodes)));
  if (effort.cutoff) model.setCutoff(*effort.cutoff - mip.offset);
  StopHandler handler(effort.stop);
  model.passInEventHandler(&handler);
  CglProbing probing;
  probing.setUsingObjective(1);
  probing.setMaxPass(1);
  probing.setMaxProbe(10);
  probing.setRowCuts(3);
  CglTwomir rounding;
  constexpr int kAsItPays = -1;
  model.addCutGenerator(&probing, kAsItPays, "Probing");
  model.addCutGenerator(&rounding, kAsItPays, "TwoMIR");
  CbcRounding nearest(model);
  CbcHeuristicDiveCoefficient dive(model);
  CbcHeuristicRINS neighbourhood(model);
  model.addHeuristic(&nearest);
  model.addHeuristic(&dive);
  model.addHeuristic(&neighbourhood);
  model.setNumberBeforeTrust(5);
  model.initialSolve();
  // CBC calls what has no end infeasible.
  const bool endless = model.isInitialSolveProvenDualInfeasible() &&
                       !model.isInitialSolveProvenPrimalInfeasible();
  if (endless) return {.nodes = 1};  // no values, no bound
  model.branchAndBound();
  return read(mip, model);
}

}  // namespace tileloom::solver
