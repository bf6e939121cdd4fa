#include "tileloom/scheduler/defines/levels.hpp"

#include <algorithm>

namespace tileloom::scheduler::defines {
namespace {

/// The lowest memory shared by outputs and inputs for which `need` fits.
template <class Need>
std::optional<MemoryIndex> lowest_shared(const Machine& machine, const Hierarchy& hierarchy,
                                         Need need) {
  for (const MemoryIndex index : hierarchy.memories[MemoryOperand::O]) {
    const Memory& memory = machine.memories[index];
    if (is_shared(memory) && memory.size >= need(index)) return index;
  }
  return std::nullopt;
}

/// The memories that tiles of this stack may pass: of the outputs, up to the first shared one that
/// holds everything alive.
std::vector<MemoryIndex> tile_memories(const Machine& machine, const Hierarchy& hierarchy,
                                       Bits alive) {
  std::vector<MemoryIndex> passed;
  for (const MemoryIndex index : hierarchy.memories[MemoryOperand::O]) {
    passed.push_back(index);
    const Memory& memory = machine.memories[index];
    if (is_shared(memory) && memory.size >= alive) break;
  }
  return passed;
}

/// Bits that the weights' memory has to hold besides nothing else, activations, or caches.
Bits weight_need(const Needs& needs, const Levels& levels, MemoryIndex memory,
                 const std::vector<MemoryIndex>& tiles) {
  const Bits need_h = needs.alive + needs.columns;
  const Bits need_v = need_h + needs.caches.rows;
  const bool h = levels.h == memory, v = levels.v == memory;
  if (h && v) return needs.weights + need_v - needs.caches.common;
  if (v) return needs.weights + need_v;
  if (h) return needs.weights + need_h;
  if (std::ranges::find(tiles, memory) != tiles.end()) return needs.weights + needs.alive;
  return needs.weights;
}

MemoryIndex weight_level(const Machine& machine, const Hierarchy& hierarchy, const Needs& needs,
                         const Levels& levels) {
  const std::vector<MemoryIndex> tiles = tile_memories(machine, hierarchy, needs.alive);
  for (const MemoryIndex index : hierarchy.memories[MemoryOperand::I2])
    if (machine.memories[index].size >= weight_need(needs, levels, index, tiles)) return index;
  return hierarchy.top(MemoryOperand::I2);
}

bool has_weights(const Graph& graph) {
  return std::ranges::any_of(graph.nodes, [](const Node& node) { return node.has_weights; });
}

TileSizes written_at(const Needs& needs, const TilePlace& place) {
  TileSizes written = needs.kept;
  for (const NodeId id : ids<NodeId>(written.size())) {
    const Extent tile = needs.tiles[id];
    if (!place.first_column) written[id].x = std::min(written[id].x, tile.x);
    if (!place.first_row) written[id].y = std::min(written[id].y, tile.y);
  }
  return written;
}

Bits largest_shared(const Machine& machine) {
  Bits largest{};
  for (const Memory& memory : machine.memories)
    if (is_shared(memory)) largest = std::max(largest, memory.size);
  return largest;
}

}  // namespace

Needs needs_of(const Graph& graph, const TilePlace& place, Mode mode, const Repairs& repairs) {
  const bool h = mode != Mode::fully_recompute, v = mode == Mode::fully_cached;
  const bool right = !place.first_column, below = !place.first_row;
  const TileSizes actual = back(graph, place.tile, h && right, v && below);
  Needs needs;
  needs.tiles = repairs.counted_caches ? actual : back(graph, place.tile, right, below);
  needs.kept = kept_widths(graph, needs.tiles);
  needs.alive = peak_alive(graph, actual);
  needs.caches = cache_bits(graph, needs.tiles);
  needs.columns =
      place.first_column && !repairs.counted_caches ? Bits{} : needs.caches.columns;
  needs.weights = weight_bits(graph);
  return needs;
}

tl::expected<Levels, NoRoom> choose_levels(const Machine& machine, const Hierarchy& hierarchy,
                                           const Graph& graph, const TilePlace& place, Mode mode,
                                           const Repairs& repairs) {
  Levels levels;
  levels.place = place;
  levels.needs = needs_of(graph, place, mode, repairs);
  const Needs& needs = levels.needs;
  levels.written = written_at(needs, place);
  const Bits need_h = needs.alive + needs.columns;
  const Bits need_v = need_h + needs.caches.rows;
  if (mode != Mode::fully_recompute) {
    levels.h = lowest_shared(machine, hierarchy, [&](MemoryIndex) { return need_h; });
    if (!levels.h) return tl::unexpected(NoRoom{place, need_h, largest_shared(machine)});
  }
  if (mode == Mode::fully_cached) {
    levels.v = lowest_shared(machine, hierarchy, [&](MemoryIndex index) {
      return levels.h == index ? need_v - needs.caches.common : need_v;
    });
    if (!levels.v) return tl::unexpected(NoRoom{place, need_v, largest_shared(machine)});
  }
  if (has_weights(graph)) levels.w = weight_level(machine, hierarchy, needs, levels);
  return levels;
}

}  // namespace tileloom::scheduler::defines
