#pragma once
// What a search may spend, and what its answer is worth.

#include <atomic>
#include <cstdint>
#include <string>

namespace tileloom {

/// The status of an answer.
enum class Proof {
  optimal,      ///< proved best in the stated space
  feasible,     ///< valid; a lower bound and a gap come with it
  infeasible,   ///< proved that nothing valid exists; the unmet inequality comes with it
  budget_spent  ///< the budget ended first; the incumbent (if any) and a valid lower bound come
                ///< with it
};

std::string to_string(Proof proof);

/// What one search may use. Budgets count evaluations, so that results do not depend on the
/// machine; `stop` is polled and set by the command line (Ctrl-C, wall-clock limits).
struct Budget {
  std::int64_t evaluations = 1'000'000;
  std::uint64_t seed = 1;
  int threads = 0;  ///< 0 = all cores; results never depend on it
  const std::atomic<bool>* stop = nullptr;

  bool stopped() const { return stop != nullptr && stop->load(std::memory_order_relaxed); }
};

}  // namespace tileloom
