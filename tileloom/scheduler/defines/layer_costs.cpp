#include "tileloom/scheduler/defines/layer_costs.hpp"

#include <algorithm>

namespace tileloom::scheduler::defines {
namespace {

using cost::defines2022::Dim;
using cost::defines2022::Layer;
using cost::defines2022::LayerOperand;
using cost::defines2022::Sizes;

/// A layer without what does not change the cost of a tile of given size: its id, its producers
/// and the size of its map (except that a loop of size 1 in the file is no loop).
Layer shape_of(Layer layer) {
  layer.id = 0;
  for (LayerOperand& operand : layer.inputs) operand.producers.clear();
  for (const Dim dim : {Dim::OX, Dim::OY})
    if (layer.sizes[dim] > 1) layer.sizes[dim] = 2;
  return layer;
}

PerId<LayerIndex, LayerIndex> alike_layers(const Network& network, const std::string& family) {
  PerId<LayerIndex, LayerIndex> alike(network.layers.size());
  const auto found = network.spatial_mappings.find(family);
  std::vector<std::pair<Layer, cost::defines2022::SpatialMapping>> shapes;
  std::vector<LayerIndex> firsts;
  for (const LayerIndex layer : ids<LayerIndex>(network.layers.size())) {
    std::pair shape{shape_of(network.layers[layer]),
                    found == network.spatial_mappings.end() ? cost::defines2022::SpatialMapping{}
                                                            : found->second[layer]};
    const auto known = std::ranges::find(shapes, shape);
    if (known == shapes.end()) {
      shapes.push_back(std::move(shape));
      firsts.push_back(layer);
      alike[layer] = layer;
    } else {
      alike[layer] = firsts[static_cast<std::size_t>(known - shapes.begin())];
    }
  }
  return alike;
}

}  // namespace

Sizes sizes_of(const Network& network, const LayerTile& tile) {
  Sizes sizes = network.layers[tile.layer].sizes;
  sizes[Dim::OX] = tile.output.x;
  sizes[Dim::OY] = tile.output.y;
  return sizes;
}

Machine machine_for(const Network& network, const Machine& machine, const LayerTile& tile) {
  Machine rest = machine;
  for (const MemoryIndex index : ids<MemoryIndex>(machine.memories.size()))
    if (tileloom::index(index) < tile.reserved.size())
      rest.memories[index].size.value = std::max<std::int64_t>(
          0, rest.memories[index].size.value - tile.reserved[tileloom::index(index)]);
  return mapper::loma::machine_for(rest, network.layers[tile.layer], tile.top);
}

std::size_t LayerCosts::Hash::operator()(const LayerTile& tile) const {
  std::uint64_t hash = 0xcbf29ce484222325ULL;
  const auto mix = [&hash](std::uint64_t value) {
    hash = (hash ^ value) * 0x9e3779b97f4a7c15ULL;
    hash ^= hash >> 29;
  };
  mix(index(tile.layer));
  mix(static_cast<std::uint64_t>(tile.output.x));
  mix(static_cast<std::uint64_t>(tile.output.y));
  for (const int level : tile.top.items) mix(static_cast<std::uint64_t>(level));
  mix(static_cast<std::uint64_t>(tile.halvings));
  for (const std::int64_t bits : tile.reserved) mix(static_cast<std::uint64_t>(bits));
  return hash;
}

LayerCosts::LayerCosts(const Network& network, const Machine& machine, const Options& options)
    : network_(network),
      machine_(machine),
      options_(options),
      family_(cost::defines2022::spatial_mapping_family(network, machine.name)),
      alike_(alike_layers(network, family_)) {}

std::shared_ptr<const MappedLayer> LayerCosts::cost(const LayerTile& tile) {
  LayerTile key = tile;
  key.layer = alike_[tile.layer];
  Shard& shard = shards_[Hash{}(key) % shards_.size()];
  std::shared_ptr<Answer> answer;
  {
    const std::lock_guard lock(shard.mutex);
    std::shared_ptr<Answer>& slot = shard.answers[key];
    if (!slot) slot = std::make_shared<Answer>();
    answer = slot;
  }
  std::call_once(answer->once, [&] { answer->cost = solve(key); });
  return answer->cost;
}

std::size_t LayerCosts::solved() const {
  std::size_t count = 0;
  for (const Shard& shard : shards_) {
    const std::lock_guard lock(shard.mutex);
    count += shard.answers.size();
  }
  return count;
}

std::shared_ptr<const MappedLayer> LayerCosts::solve(const LayerTile& tile) const {
  const mapper::loma::LomaOptions options{options_.lpf_limit, !options_.repairs.sound_mapper};
  std::optional<MappedLayer> mapped =
      mapper::loma::map_layer(machine_for(network_, machine_, tile), network_.layers[tile.layer],
                              unrolling(tile), sizes_of(network_, tile), options);
  return mapped ? std::make_shared<const MappedLayer>(*std::move(mapped)) : nullptr;
}

cost::defines2022::SpatialMapping LayerCosts::unrolling(const LayerTile& tile) const {
  const auto found = network_.spatial_mappings.find(family_);
  if (found == network_.spatial_mappings.end()) return {};
  cost::defines2022::SpatialMapping unrolling = found->second[tile.layer];
  for (int i = 0; i < tile.halvings && !unrolling.empty(); ++i) {
    auto largest = std::ranges::max_element(unrolling, {}, &cost::defines2022::Unrolling::size);
    largest->size = std::max<std::int64_t>(1, largest->size / 2);
  }
  return unrolling;
}

}  // namespace tileloom::scheduler::defines
