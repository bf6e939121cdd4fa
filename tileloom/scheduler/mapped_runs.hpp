#pragma once
// Runs of operators mapped by themselves, each once: what schedulers of stacks put below their
// Stores.

#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "tileloom/loop_tree/fused_plan.hpp"
#include "tileloom/scheduler/network_problem.hpp"

namespace tileloom::scheduler {

/// What a mapper finds for parts of operators, remembered; may be used from several threads.
class MappedRuns {
 public:
  MappedRuns(const NetworkProblem& problem, const mapper::Mapper& mapper, const Budget& budget)
      : problem_(problem), mapper_(mapper), budget_(budget) {}

  /// The path of `part` alone on the machine, its Stores those of the part's tensors. Parts with
  /// the same key must be equal but for names: only the first is mapped. Absent if the mapper finds
  /// nothing.
  std::optional<std::vector<PathNode>> find(const std::string& key, const Operator& part,
                                            const std::function<Architecture()>& machine);

 private:
  const NetworkProblem& problem_;
  const mapper::Mapper& mapper_;
  Budget budget_;
  std::mutex mutex_;
  /// Their Stores name tensors by the position of the operand.
  std::map<std::string, std::optional<std::vector<PathNode>>> known_;
};

/// A loop over each rank of which a run has only a part.
std::vector<PathNode> loops_over_runs(const Operator& op, OperatorId id, const RankBox& run);

}  // namespace tileloom::scheduler
