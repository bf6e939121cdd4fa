#include "tileloom/scheduler/dlfusion/plans.hpp"

#include <algorithm>
#include <limits>
#include <set>

#include "tileloom/support/checked.hpp"

namespace tileloom::scheduler {
namespace {

constexpr std::size_t at(SplitAxis axis) { return static_cast<std::size_t>(axis); }

/// Tries tiles of one layout and weight mode from the coarsest on.
class TileSearch {
 public:
  TileSearch(cost::BlockEvaluator& evaluator, const Layout& extents, std::int64_t& evaluations)
      : evaluator_(evaluator), extents_(extents), evaluations_(evaluations) {}

  void run(cost::BlockPlan plan, std::optional<BlockChoice>& best) {
    double last = std::numeric_limits<double>::infinity();
    for (std::int64_t tiles = 1; set_tiles(plan, extents_, tiles); tiles *= 2) {
      std::optional<cost::BlockCost> cost = price(plan);
      if (!cost) {
        if (plan.halo == Halo::exchanged) return;
        continue;
      }
      if (!best || cost->cycles < best->cycles) {
        best = BlockChoice{cost::cores_used(plan), plan, *cost, cost->cycles};
      }
      if (cost->cycles >= last || plan.halo == Halo::exchanged) return;
      last = cost->cycles;
    }
  }

 private:
  /// With coarse pieces of streamed weights, then finer ones if those do not fit.
  std::optional<cost::BlockCost> price(cost::BlockPlan& plan) {
    for (const std::int64_t pieces : {8, 64, 512, 4096}) {
      plan.pieces = pieces;
      ++evaluations_;
      const cost::BlockCost cost = evaluator_.cost(plan);
      if (cost.fits) return cost;
      if (plan.resident_weights || cost.weights_fit) return std::nullopt;
    }
    return std::nullopt;
  }

  cost::BlockEvaluator& evaluator_;
  const Layout& extents_;
  std::int64_t& evaluations_;
};

/// True if that is how long every output is.
bool are_extents_of_all(const Layout& extents, const cost::NetworkWork& network,
                        const Block& block) {
  return std::ranges::all_of(block.outputs, [&](TensorId output) {
    return std::ranges::all_of(kAllSplitAxes, [&](SplitAxis axis) {
      return written(network.field, block, output, axis).length() == extents[at(axis)];
    });
  });
}

}  // namespace

Layout output_extents(const cost::NetworkWork& network, const Block& block) {
  Layout least{};
  for (std::size_t a = 0; a < kSplitAxes; ++a) {
    least[a] = std::numeric_limits<std::int64_t>::max();
    for (const TensorId output : block.outputs) {
      least[a] = std::min(
          least[a], written(network.field, block, output, static_cast<SplitAxis>(a)).length());
    }
  }
  return least;
}

bool set_tiles(cost::BlockPlan& plan, const Layout& extents, std::int64_t tiles) {
  plan.tiles = {1, 1, 1, 1};
  for (const SplitAxis axis :
       {SplitAxis::batch, SplitAxis::rows, SplitAxis::columns, SplitAxis::channels}) {
    const std::int64_t most = std::max<std::int64_t>(1, extents[at(axis)] / plan.cores[at(axis)]);
    // The fewest tiles that are no longer: then they are about even.
    const std::int64_t length = ceil_div(most, std::min(tiles, most));
    const std::int64_t here = ceil_div(most, length);
    plan.tiles[at(axis)] = here;
    tiles = length > 1 ? 1 : ceil_div(tiles, here);
  }
  return tiles == 1;
}

std::vector<std::int64_t> core_counts(std::int64_t cores) {
  std::set<std::int64_t> counts = {1, cores};
  for (std::int64_t n = 2; n < cores; n *= 2) counts.insert(n);
  for (const std::int64_t part : {2, 4}) {
    if (cores % part == 0) counts.insert(cores / part);
  }
  return {counts.begin(), counts.end()};
}

std::vector<Layout> layouts(const cost::NetworkWork& network, const Block& block,
                            std::int64_t cores) {
  if (cores == 1) return all_layouts(1);
  const Layout extents = output_extents(network, block);
  const bool by_channels = channels_divide(network, block, cores);
  std::vector<Layout> found = all_layouts(cores);
  std::erase_if(found, [&](const Layout& layout) {
    for (std::size_t a = 0; a < kSplitAxes; ++a) {
      if (layout[a] > extents[a]) return true;
    }
    return layout[at(SplitAxis::channels)] > 1 && !by_channels;
  });
  return found;
}

std::optional<BlockChoice> best_plan(cost::BlockEvaluator& evaluator, const PlanBounds& bounds,
                                     const BlockBound& bound, const cost::MulticoreMachine& machine,
                                     const cost::NetworkWork& network, std::int64_t cores,
                                     double beat, std::int64_t& evaluations) {
  const Block& block = evaluator.block();
  const Layout extents = output_extents(network, block);
  if (machine.activation_bits && !machine.exchange && are_extents_of_all(extents, network, block) &&
      evaluator.least_room(extents) > static_cast<double>(*machine.activation_bits)) {
    return std::nullopt;
  }
  std::optional<BlockChoice> best;
  TileSearch search(evaluator, extents, evaluations);
  const auto to_beat = [&] { return best ? std::min(best->cycles, beat) : beat; };
  for (const Layout& layout : layouts(network, block, cores)) {
    if (bounds.recomputed(bound, layout) < to_beat() &&
        (!bound.tiles_add_up || evaluator.least_of_tiles(layout) < to_beat())) {
      for (const bool resident : {false, true}) {
        search.run({.cores = layout, .resident_weights = resident}, best);
      }
    }
    if (bounds.exchanged(bound, layout) < to_beat()) {
      search.run({.cores = layout, .halo = Halo::exchanged}, best);
    }
  }
  return best && best->cycles < beat ? best : std::nullopt;
}

}  // namespace tileloom::scheduler
