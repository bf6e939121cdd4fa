#include "tileloom/scheduler/dlfusion/pipelined.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "tileloom/scheduler/dlfusion/pipeline_search.hpp"

namespace tileloom::scheduler {
namespace {

class PipelinedSearch {
 public:
  PipelinedSearch(BlockTimes& times, StagePrices& prices, const PipelinedOptions& options,
                  bool intervals, const Budget& budget)
      : times_(times),
        prices_(prices),
        options_(options),
        budget_(budget),
        machine_(times.problem().machine),
        images_(static_cast<double>(options.images)),
        cores_(core_counts(machine_.cores)),
        intervals_(intervals),
        graph_{times.problem().units, {}, {}, {}} {
    for (const std::vector<UnitId>& block : options.optimum.besides) {
      UnitSet set = empty_set(graph_.units);
      for (const UnitId id : block) insert(set, id);
      besides_.insert(std::move(set));
    }
  }

  Pipelined run(double upper) {
    list_states();
    const std::size_t last = graph_.sets.size() - 1;
    graph_.onward.assign(graph_.sets.size(), kNever);
    add_edges(upper);
    segments_.resize(graph_.sets.size());
    graph_.onward[last] = 0;
    OnwardBounds bounds(graph_, machine_.cores, options_.images);
    bounds.add(last);
    std::int64_t labels = options_.most_labels;
    for (std::size_t state = last; state-- > 0 && !budget_.stopped();) {
      solve(state, bounds, labels);
      bounds.add(state);
    }
    return answer(labels);
  }

 private:
  void list_states() {
    if (!intervals_) {
      if (auto sets = closed_sets(graph_.units, options_.optimum.most_states)) {
        graph_.sets = std::move(*sets);
        return;
      }
      intervals_ = true;
    }
    graph_.sets = beginnings(graph_.units);
  }

  /// One segment from here, and what follows it.
  struct Best {
    Segment segment;
    std::size_t to = 0;
  };

  /// Every block that may be a stage, as one.
  void add_edges(double upper) {
    graph_.edges.resize(graph_.sets.size());
    for (std::size_t state = 0; state < graph_.sets.size(); ++state) {
      for (std::size_t to = state + 1; to < graph_.sets.size() && !budget_.stopped(); ++to) {
        const UnitSet block = block_between(graph_.sets[state], graph_.sets[to]);
        if (block.empty()) continue;
        const std::vector<UnitId> units = members(block);
        if (units.size() > options_.most_stage_units) continue;
        std::vector<StageOption> choices = prices_.options(times_, units, cores_, options_, upper);
        if (!choices.empty()) graph_.edges[state].push_back({to, units, std::move(choices)});
      }
    }
  }

  void solve(std::size_t state, const OnwardBounds& bounds, std::int64_t& labels) {
    for (std::size_t to = state + 1; to < graph_.sets.size(); ++to) {
      const UnitSet block = block_between(graph_.sets[state], graph_.sets[to]);
      if (block.empty()) continue;
      const std::vector<UnitId> units = members(block);
      const std::size_t most = options_.optimum.most_units.value_or(units.size());
      if (units.size() <= most || besides_.contains(block)) repeat(state, to, units);
    }
    const FoundPipeline found = best_pipeline(graph_, bounds, machine_, state, options_,
                                              graph_.onward[state], labels);
    if (found.cycles < graph_.onward[state]) take(state, found);
  }

  void repeat(std::size_t state, std::size_t to, const std::vector<UnitId>& units) {
    double& onward = graph_.onward[state];
    const double beat = (onward - graph_.onward[to]) / images_;
    const auto choice = times_.best(units, cores_, beat);
    if (!choice) return;
    onward = images_ * choice->cycles + graph_.onward[to];
    segments_[state].to = to;
    segments_[state].segment = {FusedBlock{units, *choice, {}}, {}, {}, images_ * choice->cycles};
  }

  void take(std::size_t state, const FoundPipeline& found) {
    Best& best = segments_[state];
    best.to = found.to;
    best.segment = {};
    for (const PipelineStep& step : found.steps) {
      const StageEdge& edge = graph_.edges[step.from][step.edge];
      best.segment.stages.push_back({edge.units, edge.options[step.option]});
    }
    best.segment.cost = segment_cost(times_.problem(), best.segment.stages, options_.images);
    best.segment.cycles = best.segment.cost.cycles;
    graph_.onward[state] = found.cycles;
  }

  Pipelined answer(std::int64_t labels_left) {
    Pipelined answer;
    answer.images = options_.images;
    answer.labels = options_.most_labels - labels_left;
    answer.options = prices_.priced();
    answer.plans = prices_.plans();
    answer.space = fmt::format(
        "sequences of blocks launched for every image (as of the optimum) and of pipelines of {} "
        "of at most {} units that are {}, on groups of {} sizes",
        options_.most_stages == 1 ? "one block" : "blocks", options_.most_stage_units,
        intervals_ ? "intervals of the execution order" : "any convex part of the graph",
        cores_.size());
    if (graph_.onward[0] == kNever) {
      answer.proof = budget_.stopped() ? Proof::budget_spent : Proof::infeasible;
      return answer;
    }
    answer.proof = labels_left > 0 ? Proof::optimal : Proof::feasible;
    answer.cycles = graph_.onward[0];
    for (std::size_t state = 0; state + 1 < graph_.sets.size(); state = segments_[state].to) {
      answer.segments.push_back(segments_[state].segment);
    }
    return answer;
  }

  BlockTimes& times_;
  StagePrices& prices_;
  const PipelinedOptions& options_;
  const Budget& budget_;
  const cost::MulticoreMachine& machine_;
  double images_;
  std::vector<std::int64_t> cores_;
  bool intervals_;
  std::set<UnitSet> besides_;
  StageGraph graph_;
  std::vector<Best> segments_;  ///< per state: the best one that begins there
};

}  // namespace

std::vector<StageOption> StagePrices::options(const BlockTimes& times,
                                              const std::vector<UnitId>& units,
                                              const std::vector<std::int64_t>& counts,
                                              const PipelinedOptions& options, double upper) {
  const FusionProblem& problem = times.problem();
  const Block block = block_of(problem.workload, problem.units, units);
  const double compute = times.bounds().bound(block).load.compute;
  std::map<std::int64_t, std::vector<StageOption>>& known = known_[times.shape(block)];
  std::optional<cost::BlockEvaluator> evaluator;
  std::vector<StageOption> found;
  for (const std::int64_t cores : counts) {
    const double least = static_cast<double>(options.images) * compute / static_cast<double>(cores);
    if (problem.machine.launch + least >= upper) continue;
    const auto [place, is_new] = known.try_emplace(cores);
    if (is_new) {
      if (!evaluator) evaluator.emplace(problem.machine, problem.network, block);
      place->second =
          stage_options(*evaluator, problem.machine, problem.network, cores, plans_);
      ++priced_;
    }
    found.insert(found.end(), place->second.begin(), place->second.end());
  }
  return found;
}

std::vector<cost::PipelineStage> pipeline_stages(const FusionProblem& problem,
                                                 const std::vector<PipelineBlock>& blocks) {
  std::vector<cost::PipelineStage> stages;
  for (const PipelineBlock& block : blocks) {
    stages.push_back(
        {block_of(problem.workload, problem.units, block.units), block.choice.plan});
  }
  return stages;
}

cost::PipelineCost segment_cost(const FusionProblem& problem,
                                const std::vector<PipelineBlock>& blocks, std::int64_t images) {
  const std::vector<cost::PipelineStage> stages = pipeline_stages(problem, blocks);
  std::vector<cost::StageCost> costs;
  std::vector<std::vector<std::size_t>> before;
  for (std::size_t s = 0; s < stages.size(); ++s) {
    costs.push_back(blocks[s].choice.cost);
    before.push_back(cost::stages_before(stages, s));
  }
  return cost::pipeline_cost(problem.machine.launch, costs, before, images);
}

Pipelined pipelined(BlockTimes& times, StagePrices& prices, const PipelinedOptions& options,
                    bool intervals, double upper, const Budget& budget) {
  return PipelinedSearch(times, prices, options, intervals, budget).run(upper);
}

}  // namespace tileloom::scheduler
