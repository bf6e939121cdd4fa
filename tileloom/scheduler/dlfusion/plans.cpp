#include "tileloom/scheduler/dlfusion/plans.hpp"

#include <algorithm>
#include <limits>

#include "tileloom/support/checked.hpp"

namespace tileloom::scheduler {
namespace {

using Layout = PerSplit<std::int64_t>;

constexpr std::size_t at(SplitAxis axis) { return static_cast<std::size_t>(axis); }

/// The least extent of the block's outputs along each axis: finer cuts leave cores without work.
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

/// Cutting channels makes sense if no operator is then computed by several cores: the first ones of
/// the block, then only operators that keep channels apart.
bool channels_divide(const cost::NetworkWork& network, const Block& block, std::int64_t parts) {
  const PartField field = part_field(network.field, block, SplitAxis::channels, parts);
  for (std::size_t i = 0; i < block.operators.size(); ++i) {
    std::int64_t total = 0;
    for (const Interval& part : field.ranks[i]) total += part.length();
    const std::int64_t extent =
        network.field.operators[block.operators[i]].extent[at(SplitAxis::channels)];
    if (total > extent) return false;
  }
  return true;
}

/// False if parts of the block may pass over some of the tensor: a stride longer than its window.
bool all_needed(const cost::NetworkWork& network, const Block& block, TensorId tensor) {
  for (const OperatorId id : block.operators) {
    for (const OperatorField::Read& read : network.field.operators[id].reads) {
      if (read.tensor != tensor) continue;
      for (const AxisMove& move : read.moves) {
        if (move.moves && move.stride > move.last - move.first + 1) return false;
      }
    }
  }
  return true;
}

/// Tries tiles of one layout and weight mode from the coarsest on.
class TileSearch {
 public:
  TileSearch(cost::BlockEvaluator& evaluator, const Layout& extents, std::int64_t& evaluations)
      : evaluator_(evaluator), extents_(extents), evaluations_(evaluations) {}

  void run(cost::BlockPlan plan, std::optional<BlockChoice>& best) {
    double last = std::numeric_limits<double>::infinity();
    for (std::int64_t tiles = 1; set_tiles(plan, tiles); tiles *= 2) {
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
  /// Batch first, then rows, columns and channels; false if so many tiles cannot be.
  bool set_tiles(cost::BlockPlan& plan, std::int64_t tiles) const {
    plan.tiles = {1, 1, 1, 1};
    for (const SplitAxis axis :
         {SplitAxis::batch, SplitAxis::rows, SplitAxis::columns, SplitAxis::channels}) {
      const std::int64_t most =
          std::max<std::int64_t>(1, extents_[at(axis)] / plan.cores[at(axis)]);
      const std::int64_t here = std::min(tiles, most);
      plan.tiles[at(axis)] = here;
      tiles = ceil_div(tiles, here);
    }
    return tiles == 1;
  }

  /// With coarse pieces of streamed weights, then finer ones if those do not fit.
  std::optional<cost::BlockCost> price(cost::BlockPlan& plan) {
    for (const std::int64_t pieces : {8, 64, 512, 4096}) {
      plan.pieces = pieces;
      ++evaluations_;
      const cost::BlockCost cost = evaluator_.cost(plan);
      if (cost.fits) return cost;
      if (plan.resident_weights) return std::nullopt;
    }
    return std::nullopt;
  }

  cost::BlockEvaluator& evaluator_;
  const Layout& extents_;
  std::int64_t& evaluations_;
};

}  // namespace

std::vector<std::int64_t> core_counts(std::int64_t cores) {
  std::vector<std::int64_t> counts;
  for (std::int64_t n = 1; n < cores; n *= 2) counts.push_back(n);
  counts.push_back(cores);
  return counts;
}

std::vector<PerSplit<std::int64_t>> layouts(const cost::NetworkWork& network, const Block& block,
                                            std::int64_t cores) {
  if (cores == 1) return {{1, 1, 1, 1}};
  const Layout extents = output_extents(network, block);
  const bool by_channels = channels_divide(network, block, cores);
  std::vector<Layout> found;
  const auto add = [&](const Layout& layout) {
    for (std::size_t a = 0; a < kSplitAxes; ++a) {
      if (layout[a] > extents[a]) return;
    }
    if (layout[at(SplitAxis::channels)] > 1 && !by_channels) return;
    found.push_back(layout);
  };
  for (std::int64_t first = 1; first <= cores; ++first) {
    if (cores % first != 0) continue;
    const std::int64_t rest = cores / first;
    add({1, 1, rest, first});                 // rows, and a grid
    if (first > 1) add({1, first, rest, 1});  // channels, and with rows
    if (first > 1) add({first, 1, rest, 1});  // batch, and with rows
  }
  return found;
}

std::optional<BlockChoice> best_plan(cost::BlockEvaluator& evaluator,
                                     const cost::MulticoreMachine& machine,
                                     const cost::NetworkWork& network, std::int64_t cores,
                                     double beat, std::int64_t& evaluations) {
  const Block& block = evaluator.block();
  const Layout extents = output_extents(network, block);
  if (machine.activation_bits && !machine.exchange &&
      evaluator.least_room(extents) > static_cast<double>(*machine.activation_bits)) {
    return std::nullopt;
  }
  std::optional<BlockChoice> best;
  TileSearch search(evaluator, extents, evaluations);
  for (const Layout& layout : layouts(network, block, cores)) {
    const double least = evaluator.least_cycles(layout);
    if (least < (best ? best->cycles : beat)) {
      for (const bool resident : {false, true}) {
        search.run({.cores = layout, .resident_weights = resident}, best);
      }
    }
    if (machine.exchange && cores > 1 && !block.inside.empty()) {
      search.run({.cores = layout, .halo = Halo::exchanged}, best);
    }
  }
  return best && best->cycles < beat ? best : std::nullopt;
}

BlockBound block_bound(const cost::MulticoreMachine& machine, const cost::NetworkWork& network,
                       const Block& block) {
  BlockBound bound;
  const bool divides = machine.exchange || channels_divide(network, block, 2);
  bound.weights_per_core = !divides && !machine.multicast;
  for (std::size_t i = 0; i < block.operators.size(); ++i) {
    const cost::OperatorWork& work = network.operators[block.operators[i]];
    bound.weights += cost::weight_bits(work, work.extent);
    if (!all_needed(network, block, block.output_of[i])) continue;
    bound.compute += cost::compute_cycles(machine, work, work.extent);
  }
  for (const TensorId output : block.outputs) {
    double bits = network.bits[output];
    for (const SplitAxis axis : kAllSplitAxes) {
      bits *= static_cast<double>(written(network.field, block, output, axis).length()) /
              static_cast<double>(network.field.extent[output][at(axis)]);
    }
    bound.activations += bits;
  }
  const std::vector<TensorId> tensors = all_tensors(block);
  std::vector<double> share(block.inputs.size(), 1);
  for (const SplitAxis axis : kAllSplitAxes) {
    const PartField whole = part_field(network.field, block, axis, 1);
    for (std::size_t t = 0; t < share.size(); ++t) {
      share[t] *= static_cast<double>(whole.tensors[t][0].length()) /
                  static_cast<double>(network.field.extent[tensors[t]][at(axis)]);
    }
  }
  for (std::size_t t = 0; t < share.size(); ++t) {
    if (!all_needed(network, block, block.inputs[t])) continue;
    bound.activations += share[t] * network.bits[block.inputs[t]];
  }
  return bound;
}

double least_cycles(const cost::MulticoreMachine& machine, const BlockBound& bound,
                    std::int64_t cores) {
  const auto n = static_cast<double>(cores);
  const double bits = bound.activations + bound.weights * (bound.weights_per_core ? n : 1);
  const double all_channels = machine.channel_bandwidth * static_cast<double>(machine.channels);
  const double memory = std::max(bits / all_channels, bits / (n * machine.port));
  return cost::dispatch(machine, cores) + std::max(bound.compute / n, memory);
}

}  // namespace tileloom::scheduler
