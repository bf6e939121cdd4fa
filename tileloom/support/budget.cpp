#include "tileloom/support/budget.hpp"

namespace tileloom {

std::string to_string(Proof proof) {
  switch (proof) {
    case Proof::optimal:
      return "optimal";
    case Proof::feasible:
      return "feasible";
    case Proof::infeasible:
      return "infeasible";
    case Proof::budget_spent:
      return "budget_spent";
  }
  return {};
}

}  // namespace tileloom
