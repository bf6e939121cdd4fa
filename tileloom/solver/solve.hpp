#pragma once
// Solving a mixed-integer program with whichever library is there.

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tileloom/solver/mip.hpp"
#include "tileloom/support/budget.hpp"
#include "tileloom/support/diagnostic.hpp"

namespace tileloom::solver {

/// The libraries a program can be solved with.
enum class Backend : std::uint8_t {
  cbc,   ///< COIN-OR CBC: always there
  highs  ///< HiGHS: if it was found when Tileloom was built
};
std::string to_string(Backend backend);

/// The backends that this build has, the default first.
std::vector<Backend> backends();
/// The backend of that name, or a mistake that names those there are.
Result<Backend> parse_backend(std::string_view name);

/// What one solve may use, and what helps it.
struct Effort {
  Backend backend = Backend::cbc;
  std::int64_t nodes = 1'000'000;  ///< of the branch and bound tree
  /// Only solutions better than this are wanted (a known solution's value).
  std::optional<double> cutoff;
  /// Set from outside to end the search early (`budget_spent` with the incumbent); may be absent.
  /// HiGHS does not look at it.
  const std::atomic<bool>* stop = nullptr;
};

/// The answer, whatever happened.
struct Solution {
  /// `optimal`: `values` are best. `infeasible`: no values satisfy the rows (within the cutoff).
  /// `budget_spent`: nodes ran out, the objective has no end, or the library broke down; `values`
  /// are the incumbent, if there is one.
  Proof proof = Proof::budget_spent;
  std::optional<Values> values;  ///< integers are exact
  double value = 0;              ///< objective of `values`
  double bound = -kUnbounded;    ///< no values have a lower objective
  std::int64_t nodes = 0;        ///< used
};

/// Minimises. Same program, same answer; safe to call from several threads.
Solution solve(const Mip& mip, const Effort& effort);

}  // namespace tileloom::solver
