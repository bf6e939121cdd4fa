#include "tileloom/report/exploration/fusion.hpp"

#include <algorithm>
#include <map>
#include <utility>

namespace tileloom::report {
namespace {

using namespace scheduler::defines;

/// The feasible point that comes first under `before`.
template <class Before>
const FusionPoint* first_of(const std::vector<FusionPoint>& points, Before before) {
  const FusionPoint* best = nullptr;
  for (const FusionPoint& point : points) {
    if (!point.totals) continue;
    if (!best || before(*point.totals, *best->totals)) best = &point;
  }
  return best;
}

class Details {
 public:
  explicit Details(const Exploration& exploration) : exploration_(exploration) {}

  FusionDetail of(const Schedule& schedule) {
    FusionDetail detail;
    detail.point = {schedule.point, schedule.totals, {}};
    for (const StackRun& run : schedule.stacks) detail.stacks.push_back(stack(run));
    for (const auto& [key, energy] : energies_)
      detail.energies.push_back({key.first, key.second, {energy}});
    return detail;
  }

 private:
  const std::string& name(MemoryIndex memory) const {
    return exploration_.machine().memories[memory].name;
  }
  std::string name(const std::optional<MemoryIndex>& memory) const {
    return memory ? name(*memory) : std::string();
  }

  FusedStack stack(const StackRun& run) {
    FusedStack stack;
    stack.tile_types = run.plan.types.size();
    std::size_t most = 0;
    for (std::size_t i = 0; i < run.plan.types.size(); ++i) {
      const TileType& type = run.plan.types[i];
      stack.tiles += type.count;
      if (type.count > run.plan.types[most].count) most = i;
      if (type.h_make) stack.columns_memory = name(type.h_make);
      if (type.v_make) stack.rows_memory = name(type.v_make);
      if (type.h_make) stack.columns = std::max(stack.columns, type.caches.columns);
      if (type.v_make) stack.rows = std::max(stack.rows, type.caches.rows);
    }
    stack.weights_memory = name(run.plan.w);
    stack.weights = weight_bits(run.graph);
    for (const NodeId id : ids<NodeId>(run.graph.nodes.size()))
      stack.layers.push_back(layer(run, id, most));
    return stack;
  }

  FusedLayer layer(const StackRun& run, NodeId id, std::size_t most) {
    const Node& node = run.graph.nodes[id];
    FusedLayer layer;
    layer.id = node.id;
    layer.full = node.full;
    layer.tile = run.tiles[most].sizes[id];
    layer.window = layer.tile;
    if (!node.edges.empty())
      layer.window = {needed(node.edges[0].x, layer.tile.x), needed(node.edges[0].y, layer.tile.y)};
    double computed = 0;
    for (std::size_t i = 0; i < run.tiles.size(); ++i) {
      const Extent tile = run.tiles[i].sizes[id];
      computed += static_cast<double>(run.plan.types[i].count) * static_cast<double>(tile.x) *
                  static_cast<double>(tile.y);
      add(run.tiles[i].nodes[index(id)], run.plan.types[i].count, layer);
    }
    layer.recomputed =
        computed / (static_cast<double>(node.full.x) * static_cast<double>(node.full.y)) - 1;
    const std::optional<LayerTile>& mapped = run.tiles[most].nodes[index(id)].tile;
    if (mapped) {
      layer.input_memory = at(MemoryOperand::I1, mapped->top[MemoryOperand::I1]);
      layer.output_memory = at(MemoryOperand::O, mapped->top[MemoryOperand::O]);
    }
    return layer;
  }

  const std::string& at(MemoryOperand operand, int level) const {
    return name(exploration_.hierarchy().memories[operand][static_cast<std::size_t>(level)]);
  }

  void add(const NodeRun& node, std::int64_t count, FusedLayer& layer) {
    const Totals totals = count * totals_of(node);
    layer.energy += totals.energy;
    layer.copy_energy += totals.copy_energy;
    layer.latency += totals.latency1;
    layer.copy_latency += totals.copy_latency;
    for (const CopyAction& action : node.copies.actions)
      for (const Hop& hop : action.hops) {
        spend(name(hop.from), "copy", count, hop.read_energy);
        spend(name(hop.to), "copy", count, hop.write_energy);
      }
    if (!node.cost) return;
    spend("MAC", "compute", count, node.cost->cost.mac_energy);
    const cost::defines2022::Layer& shape = exploration_.network().layers[node.tile->layer];
    for (std::size_t o = 0; o < node.cost->cost.energy_by_level.size(); ++o) {
      const cost::defines2022::LayerOperand& operand =
          o == 0 ? shape.output : shape.inputs[o - 1];
      // An addition's second operand lives where its first does.
      const MemoryOperand held = o > 0 && shape.is_addition() ? MemoryOperand::I1 : operand.memory;
      const auto& levels = node.cost->cost.energy_by_level[o];
      for (std::size_t level = 0; level < levels.size(); ++level)
        spend(at(held, static_cast<int>(level)), operand.name, count, levels[level]);
    }
  }

  void spend(const std::string& memory, const std::string& on, std::int64_t count,
             Picojoules energy) {
    energies_[{memory, on}] += static_cast<double>(count) * energy.value;
  }

  const Exploration& exploration_;
  std::map<std::pair<std::string, std::string>, double> energies_;
};

}  // namespace

const FusionPoint* least_energy(const std::vector<FusionPoint>& points) {
  return first_of(points, [](const Totals& a, const Totals& b) {
    return std::pair(a.energy, a.latency1) < std::pair(b.energy, b.latency1);
  });
}

const FusionPoint* least_latency(const std::vector<FusionPoint>& points) {
  return first_of(points, [](const Totals& a, const Totals& b) {
    return std::pair(a.latency1, a.energy) < std::pair(b.latency1, b.energy);
  });
}

FusionDetail detail_of(const Exploration& exploration, const Schedule& schedule) {
  return Details(exploration).of(schedule);
}

}  // namespace tileloom::report
