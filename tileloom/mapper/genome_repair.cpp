#include "tileloom/mapper/genome_repair.hpp"

#include <algorithm>

#include "tileloom/mapper/memory_bit.hpp"
#include "tileloom/support/checked.hpp"

namespace tileloom::mapper {
namespace {

using Kind = GenomeStep::Kind;

std::size_t slot_of(const MapSpace& map, const Slot& wanted) {
  return static_cast<std::size_t>(std::ranges::find(map.slots, wanted) - map.slots.begin());
}

/// What the constraints allow as trips of `rank` along the axis of a part.
Bound axis_bound(const GenomeSpace& space, const Part& part, std::size_t rank) {
  const MapSpace& map = space.map;
  for (std::size_t s = 0; s < map.slots.size(); ++s) {
    if (map.slots[s].axis == part.axis) return map.trips[s * space.ranks() + rank];
  }
  return {};
}

/// Ranks that the constraints want along an axis go to its parts, one each.
void place_required(const GenomeSpace& space, Genome& genome) {
  for (std::size_t r = 0; r < space.ranks(); ++r) {
    std::size_t taken = space.parts.size();
    for (std::size_t p = 0; p < space.parts.size(); ++p) {
      if (axis_bound(space, space.parts[p], r).least <= 1) continue;
      if (genome.rank[p] == r) break;  // there it is
      const bool needed = axis_bound(space, space.parts[p], genome.rank[p]).least > 1;
      if (taken == space.parts.size() && !needed) taken = p;
      const bool last =
          p + 1 == space.parts.size() || space.parts[p + 1].axis != space.parts[p].axis;
      if (!last || taken == space.parts.size()) continue;
      genome.rank[taken] = static_cast<std::uint16_t>(r);
      break;
    }
  }
}

/// A tile of `rank` at `group` that the constraints allow, near `tile`, as far as there is one.
std::int64_t constrained(const GenomeSpace& space, const Genome& genome, std::size_t group,
                         std::size_t rank, std::int64_t tile, std::int64_t parent) {
  const MapSpace& map = space.map;
  const std::size_t ranks = space.ranks();
  const std::int64_t positions = positions_of(space, genome, group, rank);
  const auto at_least = [&](std::int64_t t) { tile = std::max(tile, std::min(t, parent)); };
  const auto at_most = [&](std::int64_t t) { tile = std::min(tile, std::max<std::int64_t>(t, 1)); };
  // Trips along the axes: whole tiles, so that all the positions asked for are used.
  for (std::size_t p = 0; p < space.parts.size(); ++p) {
    if (space.parts[p].group != group || genome.rank[p] != rank) continue;
    const Bound bound = axis_bound(space, space.parts[p], rank);
    if (bound.least > 1) at_most(parent / bound.least);
  }
  // Trips in time; a further group of the same memory has none if there is a rule.
  const MemoryId memory = space.group_memory[group];
  Bound trips = map.trips[slot_of(map, {std::nullopt, memory}) * ranks + rank];
  const bool further = group > 0 && space.group_memory[group - 1] == memory;
  if (further && !(trips == Bound{})) trips = {1, 1};
  if (trips.most <= parent) at_least(ceil_div(ceil_div(parent, trips.most), positions));
  if (trips.least > 1) at_most(ceil_div(parent, trips.least) / positions);
  // Tiles at the Stores that follow.
  bool inside = false;
  bool spread = false;
  for (const GenomeStep& step : space.steps) {
    if (step.kind == Kind::group) inside = step.index == group;
    if (step.kind == Kind::part) spread = true;
    if (step.kind == Kind::group) spread = false;
    if (!inside || step.kind != Kind::stores) continue;
    const auto stored = static_cast<MemoryId>(step.index);
    const Bound bound = map.tiles[slot_of(map, {std::nullopt, stored}) * ranks + rank];
    if (bound == Bound{}) continue;
    const std::int64_t above = spread ? 1 : positions;
    at_most(bound.most / above);
    at_least(ceil_div(bound.least, above));
  }
  // The rest belongs to the innermost memory.
  if (group + 1 == space.groups()) {
    const auto innermost = static_cast<MemoryId>(map.arch->memories.size() - 1);
    const Bound bound = map.trips[slot_of(map, {std::nullopt, innermost}) * ranks + rank];
    if (memory != innermost) {
      at_most(bound.most);
      at_least(bound.least);
    }
  }
  return tile;
}

void obey_order_rules(const GenomeSpace& space, Genome& genome) {
  for (const OrderRule& rule : space.map.constraints->orders) {
    for (std::size_t g = 0; g < space.groups(); ++g) {
      if (space.group_memory[g] != rule.memory) continue;
      const std::span<std::uint16_t> order{&genome.order[g * space.ranks()], space.ranks()};
      std::ranges::stable_sort(order, {}, [&](std::uint16_t rank) {
        const auto named = std::ranges::find(rule.ranks, space.map.op->ranks[rank].name);
        return named == rule.ranks.end() ? -1 : named - rule.ranks.begin();
      });
    }
  }
}

void repair_tiles(const GenomeSpace& space, Genome& genome, Chunks& chunks) {
  const bool rules = !space.map.constraints->empty();
  chunks.clear();
  for (const Rank& rank : space.map.op->ranks) chunks.push_back(rank.extent);
  for (std::size_t g = 0; g < space.groups(); ++g) {
    for (std::size_t r = 0; r < space.ranks(); ++r) {
      std::int64_t& tile = genome.tile[g * space.ranks() + r];
      tile = std::clamp<std::int64_t>(tile, 1, chunks[r]);
      if (rules) tile = constrained(space, genome, g, r, tile, chunks[r]);
      chunks[r] = tile;
    }
  }
}

/// The chunks at the Stores of `memory`, spatial loops that count as below it left out; the group
/// whose loops are the last above.
std::size_t chunks_at(const GenomeSpace& space, const Genome& genome, MemoryId memory,
                      Chunks& chunks) {
  const std::size_t ranks = space.ranks();
  std::size_t group = SIZE_MAX;
  chunks.clear();
  for (const Rank& rank : space.map.op->ranks) chunks.push_back(rank.extent);
  for (const GenomeStep& step : space.steps) {
    if (step.kind == Kind::stores && step.index == index(memory)) break;
    if (step.kind == Kind::group) {
      group = step.index;
      for (std::size_t r = 0; r < ranks; ++r) {
        chunks[r] = std::min(chunks[r], genome.tile[group * ranks + r]);
      }
      for (std::size_t p = 0; p < space.parts.size(); ++p) {
        if (space.parts[p].group == group) chunks[genome.rank[p]] *= genome.positions[p];
      }
    } else if (step.kind == Kind::part) {
      const Part& part = space.parts[step.index];
      if (!replicated(*space.map.arch, memory, part.axis)) continue;
      std::int64_t& chunk = chunks[genome.rank[step.index]];
      chunk = ceil_div(chunk, genome.positions[step.index]);
    }
  }
  return group;
}

std::int64_t bits_of(const GenomeSpace& space, const Genome& genome, MemoryId memory,
                     const Chunks& chunks) {
  const Memory& held = space.map.arch->memories[memory];
  double bits = 0;
  const auto add = [&](const Operand& operand, std::size_t resident) {
    if ((genome.keeps[resident] & bit(memory)) == 0) return;
    double box = static_cast<double>(std::max(operand.bits, operand.partial_bits));
    for (const Axis& axis : operand.axes) {
      std::int64_t length = 1;
      for (const Term& term : axis.terms) {
        const std::int64_t extent = space.map.op->rank(term.rank).extent;
        length += term.coefficient * (std::min(chunks[index(term.rank)], extent) - 1);
      }
      box *= static_cast<double>(std::min(length, axis.extent));
    }
    bits += held.double_buffered ? 2 * box : box;
  };
  const Operator& op = *space.map.op;
  for (std::size_t i = 0; i < space.map.residents.size(); ++i) {
    const TensorId tensor = space.map.residents[i].tensor;
    for (const Operand& input : op.inputs) {
      if (input.tensor == tensor) add(input, i);
    }
    if (op.output.tensor == tensor) add(op.output, i);
  }
  return bits < 0x1p62 ? static_cast<std::int64_t>(bits) : INT64_MAX;
}

bool kept_operand_has(const GenomeSpace& space, const Genome& genome, MemoryId memory,
                      RankId rank) {
  for (std::size_t i = 0; i < space.map.residents.size(); ++i) {
    if ((genome.keeps[i] & bit(memory)) == 0) continue;
    const Operator& op = *space.map.op;
    for (const Operand& input : op.inputs) {
      if (input.tensor == space.map.residents[i].tensor && relevant(input, rank)) return true;
    }
    if (op.output.tensor == space.map.residents[i].tensor && relevant(op.output, rank)) return true;
  }
  return false;
}

/// The rank with the longest chunk that takes room in the memory; absent if all are 1.
std::optional<std::size_t> longest(const GenomeSpace& space, const Genome& genome, MemoryId memory,
                                   const Chunks& chunks) {
  std::optional<std::size_t> found;
  for (std::size_t r = 0; r < space.ranks(); ++r) {
    if (chunks[r] == 1 || (found && chunks[r] <= chunks[*found])) continue;
    if (kept_operand_has(space, genome, memory, static_cast<RankId>(r))) found = r;
  }
  return found;
}

/// Sets the tile of a rank at a group and no larger ones inside.
void set_tile(const GenomeSpace& space, Genome& genome, std::size_t group, std::size_t rank,
              std::int64_t tile) {
  for (std::size_t g = group; g < space.groups(); ++g) {
    std::int64_t& inner = genome.tile[g * space.ranks() + rank];
    inner = g == group ? tile : std::min(inner, tile);
  }
}

/// Takes the chunk of `rank` down: by its tile, or, if that is 1, by using half the positions.
void cut(const GenomeSpace& space, Genome& genome, MemoryId memory, std::size_t group,
         std::size_t rank, std::int64_t capacity, Chunks& chunks) {
  const std::int64_t tile = genome.tile[group * space.ranks() + rank];
  if (tile == 1) {
    for (std::size_t p = 0; p < space.parts.size(); ++p) {
      if (space.parts[p].group != group || genome.rank[p] != rank) continue;
      genome.positions[p] = ceil_div(genome.positions[p], 2);
    }
    return;
  }
  // The chunk is a multiple of the tile, so it shrinks in proportion.
  const std::int64_t times = ceil_div(chunks[rank], tile);
  std::int64_t fits = ceil_div(tile, 2);
  std::int64_t above = tile;
  while (above - fits > 1) {
    const std::int64_t middle = fits + (above - fits) / 2;
    chunks[rank] = middle * times;
    (bits_of(space, genome, memory, chunks) <= capacity ? fits : above) = middle;
  }
  set_tile(space, genome, group, rank, fits);
}

}  // namespace

void repair_parts(const GenomeSpace& space, Genome& genome) {
  const bool constrained = !space.map.constraints->empty();
  if (constrained) place_required(space, genome);
  std::int64_t room = 1;
  for (std::size_t p = space.parts.size(); p-- > 0;) {
    const Part& part = space.parts[p];
    const bool innermost = p + 1 == space.parts.size() || space.parts[p + 1].outermost;
    if (innermost) room = space.map.arch->axes[part.axis].size;
    std::uint16_t& rank = genome.rank[p];
    rank = static_cast<std::uint16_t>(rank % space.ranks());
    std::int64_t most = room;
    if (constrained) {
      std::size_t tried = 0;
      while (axis_bound(space, part, rank).most <= 1 && ++tried < space.ranks()) {
        rank = static_cast<std::uint16_t>((rank + 1U) % space.ranks());
      }
      const Bound bound = axis_bound(space, part, rank);
      most = std::clamp<std::int64_t>(bound.most, 1, room);
      genome.positions[p] = std::max(genome.positions[p], bound.least);
    }
    genome.positions[p] = std::clamp<std::int64_t>(genome.positions[p], 1, most);
    room /= genome.positions[p];
  }
}

void repair(const GenomeSpace& space, Genome& genome, Chunks& chunks) {
  repair_parts(space, genome);
  if (!space.map.constraints->orders.empty()) obey_order_rules(space, genome);
  repair_tiles(space, genome, chunks);
  for (std::size_t i = 0; i < space.map.residents.size(); ++i) {
    const Resident& resident = space.map.residents[i];
    genome.keeps[i] = (genome.keeps[i] & resident.may_keep) | resident.must_keep;
  }
}

std::int64_t bits_needed(const GenomeSpace& space, const Genome& genome, MemoryId memory,
                         Chunks& chunks) {
  chunks_at(space, genome, memory, chunks);
  return bits_of(space, genome, memory, chunks);
}

bool shrink_to_fit(const GenomeSpace& space, Genome& genome, Chunks& chunks) {
  for (const GenomeStep& step : space.steps) {
    if (step.kind != Kind::stores) continue;
    const auto memory = static_cast<MemoryId>(step.index);
    const std::optional<Bits> capacity = space.map.arch->memories[memory].capacity;
    if (!capacity) continue;
    for (;;) {
      const std::size_t group = chunks_at(space, genome, memory, chunks);
      if (bits_of(space, genome, memory, chunks) <= capacity->value) break;
      const std::optional<std::size_t> rank = longest(space, genome, memory, chunks);
      if (!rank) return false;
      if (group == SIZE_MAX) return false;
      cut(space, genome, memory, group, *rank, capacity->value, chunks);
    }
  }
  return true;
}

}  // namespace tileloom::mapper
