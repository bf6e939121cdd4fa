#pragma once
// The one question every strategy asks: how long does this block take on so many cores?

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "tileloom/scheduler/dlfusion/plans.hpp"
#include "tileloom/scheduler/dlfusion/units.hpp"

namespace tileloom::scheduler {

/// A back end: the best way to run a block on so many cores, absent if there is none, or none below
/// `beat` cycles (which it may use to stop early or leave aside). One for another accelerator
/// implements this one function.
using TimeBlock =
    std::function<std::optional<BlockChoice>(const Block& block, std::int64_t cores, double beat)>;

/// A network and its machine as the strategies see them.
struct FusionProblem {
  const Workload& workload;
  const cost::MulticoreMachine& machine;
  const cost::NetworkWork& network;
  const UnitGraph& units;
};

/// The back end that asks the cost model. `plans` counts the plans it has priced.
TimeBlock model_back_end(const FusionProblem& problem, std::int64_t& plans);

/// Answers of a back end, each asked for once; blocks that differ only in names are the same.
class BlockTimes {
 public:
  BlockTimes(const FusionProblem& problem, TimeBlock back_end);

  /// `units` in order.
  std::optional<BlockChoice> time(const std::vector<UnitId>& units, std::int64_t cores);
  /// The best of these core counts that can beat `beat` cycles (each is skipped if its bound
  /// cannot).
  std::optional<BlockChoice> best(const std::vector<UnitId>& units,
                                  const std::vector<std::int64_t>& counts, double beat);
  /// Cycles that the block takes at least on any of these core counts.
  double least(const std::vector<UnitId>& units, const std::vector<std::int64_t>& counts);

  /// Equal for blocks that differ only in names.
  std::string shape(const Block& block) const;

  const FusionProblem& problem() const { return problem_; }
  const PlanBounds& bounds() const { return bounds_; }
  /// Different questions that were passed on to the back end.
  std::int64_t evaluations() const { return evaluations_; }

 private:
  struct Answer {
    std::optional<BlockChoice> choice;
    double asked = 0;  ///< no choice: there is none below so many cycles
  };
  struct Known {
    Block block;
    BlockBound bound;
    std::map<std::int64_t, Answer> choices;
  };
  Known& known(const std::vector<UnitId>& units);
  std::optional<BlockChoice> time(Known& known, std::int64_t cores, double beat);

  FusionProblem problem_;
  TimeBlock back_end_;
  PlanBounds bounds_;
  std::vector<std::size_t> shape_of_;  ///< per operator: equal for equal ones
  std::map<std::string, Known> known_;
  std::int64_t evaluations_ = 0;
};

}  // namespace tileloom::scheduler
