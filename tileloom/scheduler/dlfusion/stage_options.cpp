#include "tileloom/scheduler/dlfusion/stage_options.hpp"

#include <algorithm>

namespace tileloom::scheduler {
namespace {

/// True if nothing of `a` is more than of `b`.
bool at_least_as_good(const cost::StageCost& a, const cost::StageCost& b) {
  return a.load <= b.load && a.load_traffic <= b.load_traffic && a.first <= b.first &&
         a.every <= b.every && a.traffic <= b.traffic;
}

class OptionSearch {
 public:
  OptionSearch(cost::BlockEvaluator& evaluator, const Layout& extents, std::int64_t& plans)
      : evaluator_(evaluator), extents_(extents), plans_(plans) {}

  /// Tiles of one layout from the coarsest on.
  void run(cost::BlockPlan plan) {
    double last = kNever;
    for (std::int64_t tiles = 1; set_tiles(plan, extents_, tiles); tiles *= 2) {
      const cost::StageCost cost = price(plan);
      if (cost.fits) keep(plan, cost);
      const bool slower = cost.fits && cost.every >= last;
      if (slower || plan.halo == Halo::exchanged) return;
      if (cost.fits) last = cost.every;
    }
  }
  std::vector<StageOption> found() && { return std::move(found_); }

 private:
  /// With coarse pieces of streamed weights, then finer ones if those do not fit.
  cost::StageCost price(cost::BlockPlan& plan) {
    cost::StageCost cost;
    for (const std::int64_t pieces : {8, 64, 512, 4096}) {
      plan.pieces = pieces;
      ++plans_;
      cost = evaluator_.stage(plan);
      if (cost.fits || plan.resident_weights || cost.weights_fit) break;
    }
    return cost;
  }

  void keep(const cost::BlockPlan& plan, const cost::StageCost& cost) {
    for (const StageOption& other : found_) {
      if (at_least_as_good(other.cost, cost)) return;
    }
    std::erase_if(found_,
                  [&](const StageOption& other) { return at_least_as_good(cost, other.cost); });
    found_.push_back({cost::cores_used(plan), plan, cost});
  }

  cost::BlockEvaluator& evaluator_;
  const Layout& extents_;
  std::int64_t& plans_;
  std::vector<StageOption> found_;
};

}  // namespace

std::vector<StageOption> stage_options(cost::BlockEvaluator& evaluator,
                                       const cost::MulticoreMachine& machine,
                                       const cost::NetworkWork& network, std::int64_t cores,
                                       std::int64_t& plans) {
  const Block& block = evaluator.block();
  const Layout extents = output_extents(network, block);
  OptionSearch search(evaluator, extents, plans);
  for (const Layout& layout : layouts(network, block, cores)) {
    for (const bool resident : {false, true}) {
      search.run({.cores = layout, .resident_weights = resident});
      if (!machine.exchange || cores == 1 || block.inside.empty()) continue;
      search.run({.cores = layout, .resident_weights = resident, .halo = Halo::exchanged});
    }
  }
  return std::move(search).found();
}

}  // namespace tileloom::scheduler
