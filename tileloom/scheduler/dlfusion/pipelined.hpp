#pragma once
// Blocks on disjoint groups of cores at the same time: the best schedule of several images, with
// the optimum repeated for each image as one of its points.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "tileloom/cost/pipeline_stage.hpp"
#include "tileloom/scheduler/dlfusion/optimum.hpp"
#include "tileloom/scheduler/dlfusion/stage_options.hpp"

namespace tileloom::scheduler {

/// One stage of a pipeline.
struct PipelineBlock {
  std::vector<UnitId> units;
  StageOption choice;
};

/// A part of the network that all images pass before the next part begins: one block that is
/// launched for every image, or a pipeline that is launched once.
struct Segment {
  std::optional<FusedBlock> repeated;
  std::vector<PipelineBlock> stages;  ///< empty if repeated
  cost::PipelineCost cost;            ///< of the stages
  double cycles = 0;                  ///< all images
};

struct Pipelined {
  std::int64_t images = 1;
  std::vector<Segment> segments;  ///< one after the other
  double cycles = 0;              ///< all images
  Proof proof = Proof::optimal;
  std::string space;            ///< what `proof` is about
  std::int64_t options = 0;     ///< different (block, cores) pairs priced as stages
  std::int64_t plans = 0;       ///< priced for them
  std::int64_t labels = 0;      ///< partial pipelines looked at
  double seconds = 0;           ///< the search took; 0 without a clock
};

struct PipelinedOptions {
  std::int64_t images = 1;
  std::size_t most_stages = 64;       ///< of one pipeline; 1 = nothing at the same time
  std::size_t most_stage_units = 6;   ///< of one stage; a block by itself may have more
  OptimumOptions optimum;             ///< what blocks that are launched for every image may be
  /// Partial pipelines, those met among many for more; beyond, the answer is feasible, not proved.
  std::int64_t most_labels = 2'000'000;
};

/// Blocks as stages, each shape priced once.
class StagePrices {
 public:
  /// On each of these core counts, but for those on which `images` of them alone take `upper` cycles
  /// or more.
  std::vector<StageOption> options(const BlockTimes& times, const std::vector<UnitId>& units,
                                   const std::vector<std::int64_t>& counts,
                                   const PipelinedOptions& options, double upper);
  std::int64_t priced() const { return priced_; }
  std::int64_t plans() const { return plans_; }

 private:
  std::map<std::string, std::map<std::int64_t, std::vector<StageOption>>> known_;
  std::int64_t priced_ = 0;
  std::int64_t plans_ = 0;
};

/// g(V) = 0; g(D) = min over E ⊃ D of g(E) + the least of images · t(E \ D) and (M11) of any
/// pipeline whose stages, in order, are E \ D on disjoint groups of cores. Partial pipelines from D
/// are extended stage by stage; one is dropped if another on as few cores is as good in everything,
/// or if no end of it can beat what is known of g(D).
/// @param intervals  blocks are intervals of the execution order, as `Fusion::intervals` says of the
///                   optimum
/// @param upper  cycles of all images that some schedule takes: the optimum's, repeated
Pipelined pipelined(BlockTimes& times, StagePrices& prices, const PipelinedOptions& options,
                    bool intervals, double upper, const Budget& budget);

/// The stages as the cost model and the simulator take them.
std::vector<cost::PipelineStage> pipeline_stages(const FusionProblem& problem,
                                                 const std::vector<PipelineBlock>& blocks);
/// (M11) of them.
cost::PipelineCost segment_cost(const FusionProblem& problem,
                                const std::vector<PipelineBlock>& blocks, std::int64_t images);

}  // namespace tileloom::scheduler
