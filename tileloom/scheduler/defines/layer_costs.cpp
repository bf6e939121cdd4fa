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

std::int64_t size_left(const Machine& machine, const LayerTile& tile, MemoryIndex index) {
  const std::size_t i = tileloom::index(index);
  const std::int64_t reserved = i < tile.reserved.size() ? tile.reserved[i] : 0;
  return std::max<std::int64_t>(0, machine.memories[index].size.value - reserved);
}

/// Sizes of the memories that `machine_for` leaves: those that serve an operand up to its top.
std::vector<std::int64_t> sizes_left(const Machine& machine, const LayerTile& tile,
                                     bool is_addition) {
  std::vector<std::int64_t> sizes;
  for (const MemoryIndex index : ids<MemoryIndex>(machine.memories.size())) {
    const bool stays =
        std::ranges::any_of(cost::defines2022::kMemoryOperands, [&](MemoryOperand operand) {
          const std::optional<int>& level = machine.memories[index].level[operand];
          return level && *level <= tile.top[operand] &&
                 !(is_addition && operand == MemoryOperand::I2);
        });
    if (stays) sizes.push_back(size_left(machine, tile, index));
  }
  return sizes;
}

bool holds_for(const cost::defines2022::SizeRanges& ranges,
               const std::vector<std::int64_t>& sizes) {
  return std::ranges::equal(ranges, sizes,
                            [](const auto& range, std::int64_t size) { return range.contains(size); });
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
    rest.memories[index].size.value = size_left(machine, tile, index);
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
  key.reserved.clear();
  Shard& shard = shards_[Hash{}(key) % shards_.size()];
  std::shared_ptr<Answers> answers;
  {
    const std::lock_guard lock(shard.mutex);
    std::shared_ptr<Answers>& slot = shard.answers[key];
    if (!slot) slot = std::make_shared<Answers>();
    answers = slot;
  }
  const std::vector<std::int64_t> sizes =
      sizes_left(machine_, tile, network_.layers[tile.layer].is_addition());
  const std::lock_guard lock(answers->mutex);
  for (const Answer& answer : answers->known)
    if (holds_for(answer.sizes, sizes)) return answer.cost;
  key.reserved = tile.reserved;
  answers->known.push_back(solve(key));
  return answers->known.back().cost;
}

std::size_t LayerCosts::solved() const {
  std::size_t count = 0;
  for (const Shard& shard : shards_) {
    const std::lock_guard lock(shard.mutex);
    for (const auto& [tile, answers] : shard.answers) {
      const std::lock_guard each(answers->mutex);
      count += answers->known.size();
    }
  }
  return count;
}

LayerCosts::Answer LayerCosts::solve(const LayerTile& tile) const {
  Answer answer;
  const mapper::loma::LomaOptions options{options_.lpf_limit, !options_.repairs.sound_mapper};
  std::optional<MappedLayer> mapped =
      mapper::loma::map_layer(machine_for(network_, machine_, tile), network_.layers[tile.layer],
                              unrolling(tile), sizes_of(network_, tile), options, answer.sizes);
  if (mapped) answer.cost = std::make_shared<const MappedLayer>(*std::move(mapped));
  return answer;
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
