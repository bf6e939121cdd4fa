#pragma once
// What a strategy answers: the network as blocks, each with its cores.

#include <string>
#include <vector>

#include "tileloom/scheduler/dlfusion/block_times.hpp"
#include "tileloom/support/budget.hpp"

namespace tileloom::scheduler {

struct FusedBlock {
  std::vector<UnitId> units;
  BlockChoice choice;
  /// Why the block ends here: what adding the next unit would cost, or that nothing follows.
  std::string boundary;
};

struct Fusion {
  std::string strategy;
  std::vector<FusedBlock> blocks;  ///< in execution order, one after the other
  double cycles = 0;
  std::int64_t evaluations = 0;  ///< different (block, cores) pairs asked of the back end
  std::int64_t plans = 0;        ///< priced to answer them
  Proof proof = Proof::feasible;
  bool intervals = false;  ///< the blocks of the optimum are intervals of the execution order
  std::string space;       ///< what `proof` is about
  std::string reason;  ///< if infeasible
  double seconds = 0;  ///< the search took; 0 without a clock
};

/// Appends a block and its cycles.
void add_block(Fusion& fusion, std::vector<UnitId> units, const BlockChoice& choice);

}  // namespace tileloom::scheduler
