#pragma once
// The pipelines that begin at one state, for a known best way on from every later one.

#include <optional>
#include <vector>

#include "tileloom/scheduler/dlfusion/closed_sets.hpp"
#include "tileloom/scheduler/dlfusion/pipelined.hpp"

namespace tileloom::scheduler {

/// A block that leads from one state to a later one, and how it may run as a stage.
struct StageEdge {
  std::size_t to = 0;
  std::vector<UnitId> units;
  std::vector<StageOption> options;
};

/// The states, what leads on from each, and the best total from each to the end as far as known.
struct StageGraph {
  const UnitGraph& units;
  std::vector<UnitSet> sets;
  std::vector<std::vector<StageEdge>> edges;  ///< per state
  std::vector<double> onward;                 ///< per state: g
};

/// One stage of a pipeline: an edge that leaves the state `from`, and one of its options.
struct PipelineStep {
  std::size_t from = 0;
  std::size_t edge = 0;
  std::size_t option = 0;
};

/// What a pipeline may still cost at least: per state and cores left, for limits of the slowest
/// stage and several weights of traffic against it.
class OnwardBounds {
 public:
  OnwardBounds(const StageGraph& graph, std::int64_t cores, std::int64_t images);
  /// Call once g(state) and those of all later states are known.
  void add(std::size_t state);
  /// Bound of the total of a pipeline that is at `state`: `done` cycles of loading and fill, the
  /// slowest stage and the traffic so far.
  double least(std::size_t state, std::int64_t cores_left, double done, double slowest,
               double traffic) const;
  /// Pipelines from a state that is not added yet which the bounds take for the best, one for each
  /// limit and weight: good ones to begin with.
  std::vector<std::vector<PipelineStep>> proposals(std::size_t state) const;

 private:
  struct Onward {
    double cycles = kNever;
    std::optional<PipelineStep> step;  ///< absent: the pipeline ends
  };
  double cost(std::size_t limit, std::size_t weight, bool waits, const StageOption& option) const;
  /// The best step from a state with so many cores.
  Onward best(std::size_t limit, std::size_t weight, std::size_t state, std::int64_t left) const;
  std::size_t place(std::size_t limit, std::size_t weight, std::size_t state) const;
  const StageGraph& graph_;
  std::int64_t cores_;
  double more_images_;
  std::vector<double> limits_;  ///< of the slowest stage, rising
  std::vector<std::vector<bool>> waits_;  ///< per state and edge: for the unit that ends last
  std::vector<double> least_;
};

struct FoundPipeline {
  double cycles = kNever;  ///< of the pipeline and all after it
  std::size_t to = 0;
  std::vector<PipelineStep> steps;
};

/// The best pipeline from `start` with what follows it, if it takes fewer than `beat` cycles in all.
/// `labels` is what may still be looked at; where many are to be compared with each counts for more.
FoundPipeline best_pipeline(const StageGraph& graph, const OnwardBounds& bounds,
                            const cost::MulticoreMachine& machine, std::size_t start,
                            const PipelinedOptions& options, double beat, std::int64_t& labels);

}  // namespace tileloom::scheduler
