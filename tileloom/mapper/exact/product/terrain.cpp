#include "tileloom/mapper/exact/product/terrain.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "tileloom/cost/energy.hpp"
#include "tileloom/cost/prepared.hpp"
#include "tileloom/mapper/exact/compulsory.hpp"

namespace tileloom::mapper::product {
namespace {

/// The terms of an axis whose ranks move.
struct MovingTerms {
  std::vector<std::size_t> ranks;
  std::vector<std::int64_t> coefficients;
  std::int64_t last = 0;  ///< largest index
};

MovingTerms moving_terms(const Operator& op, const Axis& axis) {
  MovingTerms moving;
  moving.last = axis.offset;
  for (const Term& term : axis.terms) {
    const std::int64_t extent = op.rank(term.rank).extent;
    if (extent == 1) continue;
    moving.ranks.push_back(index(term.rank));
    moving.coefficients.push_back(term.coefficient);
    moving.last += term.coefficient * (extent - 1);
  }
  return moving;
}

Operand alone(const Axis& axis) {
  Operand operand;
  operand.axes = {axis};
  return operand;
}

/// Combinations of the axis's ranks with an index in [0, extent).
double uses_of(const Operator& op, const Axis& axis) {
  const Operand operand = alone(axis);
  double others = 1;
  for (const RankId rank : ids<RankId>(op.ranks.size())) {
    if (!relevant(operand, rank)) others *= static_cast<double>(op.rank(rank).extent);
  }
  return uses(op, operand) / others;
}

/// GeneralAxis::clear, moving one other rank at a time.
std::vector<bool> clear_ranks(const Operator& op, const Axis& axis, const MovingTerms& moving) {
  std::vector<bool> clear;
  const auto extent = [&](std::size_t i) {
    return op.rank(static_cast<RankId>(moving.ranks[i])).extent;
  };
  for (std::size_t i = 0; i < moving.ranks.size(); ++i) {
    const std::int64_t reach = moving.coefficients[i] * (extent(i) - 1);
    const auto inside = [&](std::int64_t low) { return low >= 0 && low + reach < axis.extent; };
    bool found = inside(axis.offset);
    for (std::size_t j = 0; j < moving.ranks.size() && !found; ++j) {
      for (std::int64_t value = 1; j != i && value < extent(j) && !found; ++value) {
        found = inside(axis.offset + moving.coefficients[j] * value);
      }
    }
    clear.push_back(found);
  }
  return clear;
}

OperandFacts operand_facts(const Operator& op, const Operand& operand, Terrain& terrain) {
  OperandFacts facts;
  facts.role = operand.role;
  facts.bits = static_cast<double>(operand.bits);
  facts.partial_bits = static_cast<double>(operand.partial_bits);
  facts.relevance.assign(op.ranks.size(), Relevance::none);
  for (const Axis& axis : operand.axes) {
    const MovingTerms moving = moving_terms(op, axis);
    const bool cut = axis.offset < 0 || moving.last >= axis.extent;
    if (moving.ranks.empty()) {
      if (cut) facts.constant = 0;
      continue;
    }
    if (moving.ranks.size() == 1 && moving.coefficients[0] == 1 && !cut) {
      facts.relevance[moving.ranks[0]] = Relevance::simple;
      continue;
    }
    for (const std::size_t rank : moving.ranks) facts.relevance[rank] = Relevance::general;
    facts.axes.push_back(terrain.axes.size());
    terrain.axes.push_back({terrain.operands.size(), axis.offset, axis.extent, moving.ranks,
                            moving.coefficients, cut, clear_ranks(op, axis, moving),
                            used_elements(op, alone(axis)), uses_of(op, axis)});
  }
  return facts;
}

std::vector<OpenAxis> open_axes(const MapSpace& space) {
  std::size_t innermost_home = 0;
  for (const Resident& resident : space.residents) {
    innermost_home = std::max(innermost_home, index(resident.home));
  }
  std::vector<OpenAxis> open;
  for (const AxisId id : ids<AxisId>(space.arch->axes.size())) {
    const SpatialAxis& axis = space.arch->axes[id];
    if (axis.below <= innermost_home) continue;
    open.push_back({id, axis.size, axis.multicast, axis.reduce});
  }
  return open;
}

MemoryFacts memory_facts(const Architecture& arch, MemoryId id, const std::vector<OpenAxis>& open) {
  const cost::PreparedMemory figures = cost::prepare(arch, id);
  MemoryFacts facts;
  facts.read_per_bit = figures.read_per_bit;
  facts.write_per_bit = figures.write_per_bit;
  const auto bounded = [](double bandwidth) {
    return std::isfinite(bandwidth) ? std::optional(bandwidth) : std::nullopt;
  };
  facts.read = bounded(figures.read);
  facts.write = bounded(figures.write);
  facts.shared = bounded(figures.shared);
  facts.capacity = figures.capacity / figures.copies;
  facts.hop = figures.hop;
  for (std::size_t a = 0; a < open.size(); ++a) {
    if (replicated(arch, id, open[a].id)) {
      facts.own |= std::uint64_t{1} << a;
      facts.most_instances *= static_cast<double>(open[a].size);
    }
    if (arch.axes[open[a].id].below <= index(id)) ++facts.segment;
  }
  return facts;
}

/// Joins the ranks of every general axis.
std::vector<Group> groups_of(const Terrain& terrain) {
  std::vector<std::size_t> leader(terrain.extents.size());
  std::iota(leader.begin(), leader.end(), std::size_t{0});
  const auto find = [&](std::size_t rank) {
    while (leader[rank] != rank) rank = leader[rank];
    return rank;
  };
  for (const GeneralAxis& axis : terrain.axes) {
    for (const std::size_t rank : axis.ranks) {
      const std::size_t a = find(axis.ranks[0]);
      const std::size_t b = find(rank);
      leader[std::max(a, b)] = std::min(a, b);
    }
  }
  std::vector<Group> groups;
  std::vector<std::size_t> number(leader.size(), SIZE_MAX);
  for (std::size_t rank = 0; rank < leader.size(); ++rank) {
    if (terrain.extents[rank] == 1) continue;
    std::size_t& group = number[find(rank)];
    if (group == SIZE_MAX) {
      group = groups.size();
      groups.emplace_back();
    }
    groups[group].ranks.push_back(rank);
  }
  for (std::size_t a = 0; a < terrain.axes.size(); ++a) {
    groups[number[find(terrain.axes[a].ranks[0])]].axes.push_back(a);
  }
  return groups;
}

}  // namespace

std::optional<Terrain> survey(const MapSpace& space) {
  const Operator& op = *space.op;
  const Constraints& rules = *space.constraints;
  if (!rules.loops.empty() || !rules.tiles.empty() || !rules.only.empty() ||
      !rules.orders.empty()) {
    return std::nullopt;
  }
  if (space.residents.size() != operands(op).size()) return std::nullopt;
  Terrain terrain;
  terrain.space = &space;
  for (const Rank& rank : op.ranks) terrain.extents.push_back(rank.extent);
  for (const Operand* operand : operands(op)) {
    terrain.operands.push_back(operand_facts(op, *operand, terrain));
  }
  if (!terrain.operands.back().axes.empty()) return std::nullopt;
  terrain.open = open_axes(space);
  for (const MemoryId id : ids<MemoryId>(space.arch->memories.size())) {
    terrain.memories.push_back(memory_facts(*space.arch, id, terrain.open));
  }
  terrain.groups = groups_of(terrain);
  terrain.group_of.assign(op.ranks.size(), SIZE_MAX);
  for (std::size_t g = 0; g < terrain.groups.size(); ++g) {
    for (const std::size_t rank : terrain.groups[g].ranks) terrain.group_of[rank] = g;
  }
  terrain.points = static_cast<double>(points(op));
  terrain.compute_energy = cost::compute_energy(op, *space.arch).value;
  terrain.cycles_per_operation = space.arch->compute.cycles_per_operation;
  return terrain;
}

}  // namespace tileloom::mapper::product
