#pragma once
// What a fused stack costs. docs/cost_model.md, section 9.

#include "tileloom/cost/evaluate.hpp"
#include "tileloom/cost/fused_counts.hpp"
#include "tileloom/loop_tree/fused_occupancy.hpp"

namespace tileloom::cost {

/// One operator of a stack, all its runs together.
struct FusedChild {
  OperatorId op{};
  PathCounts counts;
  std::int64_t runs = 0;
  std::vector<StoreEnergy> store_energy;  ///< parallel to counts.stores
  Picojoules compute_energy{};            ///< of all points computed, again or not
  Latency latency;                        ///< of this operator alone (L3)
};

struct FusedEvaluation {
  std::vector<FusedChild> children;
  std::vector<StoreCounts> copies;           ///< between the Stores of the stack's path
  std::vector<StoreEnergy> copy_energy;      ///< parallel to `copies`
  std::int64_t iterations = 0;               ///< of the loops above the sequence
  std::int64_t recomputed = 0;               ///< points computed beyond the first time
  Picojoules energy{};                       ///< (F8)
  Cycles latency{};                          ///< (F7)
  Cycles sequential{};                       ///< Σ of the children's own
  std::vector<PortTime> ports;               ///< all traffic of the stack
  std::optional<std::size_t> bound_by_port;  ///< a port slower than the children in sequence
  /// Without homes from outside the stack. (F6)
  std::vector<Occupancy> occupancy;
};

/// Cost of a stack whose structure is legal (capacity may be exceeded: see `occupancy`).
FusedEvaluation evaluate_fused(const Workload& workload, const Architecture& arch,
                               const FusedStack& stack);

/// The same for a stack whose plan and peaks are known.
FusedEvaluation evaluate_fused(const Workload& workload, const Architecture& arch,
                               const FusedStack& stack, const FusedPlan& plan,
                               const std::vector<StackPeak>& peaks);

/// What no mapping of the runs can beat below a stack whose children have, if anything, Stores that
/// the runs begin with: those copies and the ones between the Stores of the stack's path as they
/// are, and (B1), (B2) of every run with its homes in the outermost memories of `inner`. Of
/// children in `unbounded` (a place each) nothing but the copies. Ports as far as copies use them;
/// no occupancy.
FusedEvaluation fused_bound(const Workload& workload, const Architecture& arch,
                            const Architecture& inner, const FusedStack& stack,
                            const FusedPlan& plan, const std::vector<bool>& unbounded);

}  // namespace tileloom::cost
