#include "tileloom/mapper/mapspace.hpp"

#include <algorithm>
#include <bit>
#include <numeric>

#include "tileloom/mapper/memory_bit.hpp"
#include "tileloom/support/checked.hpp"
#include "tileloom/support/factors.hpp"

namespace tileloom::mapper {
namespace {

/// What the user's rules leave of the memories that may keep a tensor.
void apply_store_rules(const Workload& workload, const Architecture& arch,
                       const Constraints& constraints, Resident& resident) {
  const std::string& tensor = workload.tensors[resident.tensor].name;
  std::uint32_t required = 0;
  for (const MemoryId memory : ids<MemoryId>(arch.memories.size())) {
    const std::optional<bool> rule = store_rule(constraints, memory, resident.role, tensor);
    if (rule && !*rule) resident.may_keep &= ~bit(memory);
    if (rule && *rule) required |= bit(memory);
  }
  resident.must_keep |= required & resident.may_keep;
}

std::vector<Resident> find_residents(const Workload& workload, const Operator& op,
                                     const Architecture& arch, const Constraints& constraints) {
  std::vector<Resident> residents;
  for (const Operand* operand : operands(op)) {
    const bool known = std::ranges::any_of(
        residents, [&](const Resident& r) { return r.tensor == operand->tensor; });
    if (known) continue;
    Resident resident{operand->tensor, operand->role, {}, 0, 0};
    for (const MemoryId memory : ids<MemoryId>(arch.memories.size())) {
      if (arch.memories[memory].holds[static_cast<std::size_t>(operand->role)]) {
        resident.may_keep |= bit(memory);
      }
    }
    apply_store_rules(workload, arch, constraints, resident);
    if (resident.may_keep == 0) resident.may_keep = 1;  // legal() reports the rule that forbids it
    resident.home = static_cast<MemoryId>(std::countr_zero(resident.may_keep));
    resident.must_keep |= bit(resident.home);
    residents.push_back(resident);
  }
  return residents;
}

std::vector<Slot> find_slots(const Architecture& arch) {
  std::vector<Slot> slots;
  for (const MemoryId memory : ids<MemoryId>(arch.memories.size())) {
    slots.push_back({std::nullopt, memory});
    for (const AxisId axis : ids<AxisId>(arch.axes.size())) {
      if (arch.axes[axis].below == index(memory) + 1) slots.push_back({axis, memory});
    }
  }
  return slots;
}

/// A spatial loop of a point, in path order.
struct SpatialLoop {
  AxisId axis{};
  std::size_t rank = 0;
  std::size_t slot = 0;
};

std::vector<SpatialLoop> spatial_loops(const MapSpace& space, const Point& point) {
  std::vector<SpatialLoop> loops;
  for (std::size_t s = 0; s < space.slots.size(); ++s) {
    if (!space.slots[s].axis) continue;
    for (std::size_t r = 0; r < space.ranks(); ++r) {
      if (point.factor(s, r, space.ranks()) > 1) loops.push_back({*space.slots[s].axis, r, s});
    }
  }
  return loops;
}

bool has_temporal_between(const MapSpace& space, const Point& point, std::size_t from_slot,
                          MemoryId memory) {
  for (std::size_t s = from_slot + 1; s < space.slots.size(); ++s) {
    const Slot& slot = space.slots[s];
    if (slot.axis) continue;
    if (slot.memory >= memory) return false;
    for (std::size_t r = 0; r < space.ranks(); ++r) {
      if (point.factor(s, r, space.ranks()) > 1) return true;
    }
  }
  return false;
}

/// Rules 4 and 5 for one Store and the Store above it.
bool legal_store(const MapSpace& space, const Point& point, std::span<const SpatialLoop> loops,
                 MemoryId memory, std::optional<MemoryId> parent) {
  const Architecture& arch = *space.arch;
  for (std::size_t i = 0; i < loops.size(); ++i) {
    const AxisId axis = loops[i].axis;
    if (arch.axes[axis].below > index(memory) || replicated(arch, memory, axis)) continue;
    if (parent && replicated(arch, *parent, axis)) return false;
    if (has_temporal_between(space, point, loops[i].slot, memory)) return false;
    for (std::size_t j = i + 1; j < loops.size(); ++j) {
      if (loops[j].rank == loops[i].rank && replicated(arch, memory, loops[j].axis)) return false;
    }
  }
  return true;
}

/// Rule 7: boxes of one output axis have no holes when the ranks have these chunks.
bool without_holes(const Axis& axis, std::span<const std::int64_t> chunks) {
  std::vector<Term> terms = axis.terms;
  std::ranges::sort(terms, {}, &Term::coefficient);
  std::int64_t reach = 1;
  for (const Term& term : terms) {
    const std::int64_t chunk = chunks[index(term.rank)];
    if (chunk == 1) continue;
    if (term.coefficient > reach) return false;
    reach = checked_add(reach, checked_mul(term.coefficient, chunk - 1));
  }
  return true;
}

bool legal_output(const MapSpace& space, const Point& point) {
  const Operand& output = space.op->output;
  const bool several =
      std::ranges::any_of(output.axes, [](const Axis& axis) { return axis.terms.size() > 1; });
  if (!several) return true;
  const auto resident = std::ranges::find(space.residents, output.tensor, &Resident::tensor);
  const std::uint32_t keeps =
      point.keeps[static_cast<std::size_t>(resident - space.residents.begin())];
  std::vector<std::int64_t> chunks;
  for (const Rank& rank : space.op->ranks) chunks.push_back(rank.extent);
  for (std::size_t s = 0; s < space.slots.size(); ++s) {
    if (!space.slots[s].axis && (keeps & bit(space.slots[s].memory)) != 0) {
      for (const Axis& axis : output.axes) {
        if (!without_holes(axis, chunks)) return false;
      }
    }
    for (std::size_t r = 0; r < space.ranks(); ++r) {
      chunks[r] = ceil_div(chunks[r], point.factor(s, r, space.ranks()));
    }
  }
  return true;
}

/// The ranks a rule names go to the inside, in its order.
void obey_order_rules(const MapSpace& space, MemoryId memory, std::span<std::uint16_t> order) {
  for (const OrderRule& rule : space.constraints->orders) {
    if (rule.memory != memory) continue;
    const auto turn = [&](std::uint16_t rank) {
      const auto named = std::ranges::find(rule.ranks, space.op->ranks[rank].name);
      return named == rule.ranks.end() ? -1 : named - rule.ranks.begin();
    };
    std::ranges::stable_sort(order, {}, turn);
  }
}

/// From the innermost open slot outwards: the smallest allowed factor at each, the rest at the
/// outermost; `tile` is the product of the factors inside. Tries the next larger factor where the
/// outer slots cannot take the rest.
bool fill_from(const MapSpace& space, std::span<const std::size_t> open, std::size_t rank,
               std::int64_t rest, std::int64_t tile, Point& point) {
  const std::size_t ranks = space.ranks();
  const std::size_t slot = open.back();
  const std::span<const std::size_t> outer = open.first(open.size() - 1);
  std::int64_t& factor = point.factor(slot, rank, ranks);
  if (space.slots[slot].axis) return fill_from(space, outer, rank, rest, tile * factor, point);
  for (const std::int64_t f : divisors(rest)) {
    if (outer.empty() && f != rest) continue;
    if (!space.trips[slot * ranks + rank].contains(f)) continue;
    if (!space.tiles[slot * ranks + rank].contains(tile * f)) continue;
    factor = f;
    if (outer.empty() || fill_from(space, outer, rank, rest / f, tile * f, point)) return true;
  }
  factor = 1;
  return false;
}

bool fill_rank(const MapSpace& space, std::span<const std::size_t> open, std::size_t rank,
               Point& point) {
  std::int64_t rest = space.op->ranks[rank].extent;
  for (const std::size_t s : open) {
    if (!space.slots[s].axis) continue;
    const std::int64_t factor = point.factor(s, rank, space.ranks());
    if (rest % factor != 0) return false;
    rest /= factor;
  }
  return fill_from(space, open, rank, rest, 1, point);
}

}  // namespace

MapSpace make_map_space(const Workload& workload, OperatorId id, const Architecture& arch,
                        const Constraints& constraints) {
  const Operator& op = workload.operators[id];
  MapSpace space;
  space.id = id;
  space.workload = &workload;
  space.op = &op;
  space.arch = &arch;
  space.constraints = &constraints;
  space.residents = find_residents(workload, op, arch, constraints);
  space.slots = find_slots(arch);
  for (const Slot& slot : space.slots) {
    const Site site = slot.axis ? Site{*slot.axis} : Site{slot.memory};
    for (const Rank& rank : op.ranks) {
      space.trips.push_back(trips_bound(constraints, site, rank.name));
      space.tiles.push_back(slot.axis ? Bound{} : tile_bound(constraints, slot.memory, rank.name));
    }
  }
  return space;
}

std::vector<std::vector<std::uint32_t>> placements(const MapSpace& space) {
  std::vector<std::vector<std::uint32_t>> all{{}};
  for (const Resident& resident : space.residents) {
    const std::uint32_t free = resident.may_keep & ~resident.must_keep;
    std::vector<std::vector<std::uint32_t>> longer;
    for (const std::vector<std::uint32_t>& prefix : all) {
      // Subsets of `free` in descending order, the full set first.
      for (std::uint32_t subset = free;; subset = (subset - 1) & free) {
        std::vector<std::uint32_t> next = prefix;
        next.push_back(resident.must_keep | subset);
        longer.push_back(std::move(next));
        if (subset == 0) break;
      }
    }
    all = std::move(longer);
  }
  return all;
}

std::vector<std::size_t> open_slots(const MapSpace& space, std::span<const std::uint32_t> keeps) {
  std::uint32_t used = 0;
  std::size_t innermost_home = 0;
  for (std::size_t i = 0; i < keeps.size(); ++i) {
    used |= keeps[i];
    innermost_home = std::max(innermost_home, index(space.residents[i].home));
  }
  std::vector<std::size_t> open;
  for (std::size_t s = 0; s < space.slots.size(); ++s) {
    const Slot& slot = space.slots[s];
    if (index(slot.memory) < innermost_home) continue;
    if (slot.axis || (used & bit(slot.memory)) != 0) open.push_back(s);
  }
  return open;
}

Point blank_point(const MapSpace& space) {
  Point point;
  for (const Resident& resident : space.residents) point.keeps.push_back(resident.must_keep);
  const std::size_t ranks = space.ranks();
  point.factors.assign(space.slots.size() * ranks, 1);
  point.order.resize(space.slots.size() * ranks);
  for (std::size_t s = 0; s < space.slots.size(); ++s) {
    const auto first = point.order.begin() + static_cast<std::ptrdiff_t>(s * ranks);
    std::iota(first, first + static_cast<std::ptrdiff_t>(ranks), std::uint16_t{0});
    if (!space.slots[s].axis) obey_order_rules(space, space.slots[s].memory, {first, ranks});
  }
  return point;
}

bool fill_temporal(const MapSpace& space, Point& point) {
  const std::vector<std::size_t> open = open_slots(space, point.keeps);
  for (std::size_t r = 0; r < space.ranks(); ++r) {
    if (!fill_rank(space, open, r, point)) return false;
  }
  return true;
}

Point trivial_point(const MapSpace& space) {
  Point point = blank_point(space);
  for (std::size_t s = 0; s < space.slots.size(); ++s) {
    if (!space.slots[s].axis) continue;
    for (std::size_t r = 0; r < space.ranks(); ++r) {
      const std::int64_t extent = space.op->ranks[r].extent;
      std::int64_t& factor = point.factor(s, r, space.ranks());
      factor = std::max<std::int64_t>(1, space.trips[s * space.ranks() + r].least);
      if (factor > extent || extent % factor != 0) factor = 1;  // legal() reports it
    }
  }
  if (!fill_temporal(space, point)) {
    const std::size_t outermost = open_slots(space, point.keeps).front();
    for (std::size_t r = 0; r < space.ranks(); ++r) {
      std::int64_t& rest = point.factor(outermost, r, space.ranks());
      rest = space.op->ranks[r].extent;
      for (std::size_t s = 0; s < space.slots.size(); ++s) {
        if (s != outermost) rest = ceil_div(rest, point.factor(s, r, space.ranks()));
      }
    }
  }
  return point;
}

std::vector<PathNode> path_of(const MapSpace& space, const Point& point) {
  std::vector<PathNode> path;
  write_path(space, point, path);
  return path;
}

void write_path(const MapSpace& space, const Point& point, std::vector<PathNode>& path) {
  path.clear();
  const std::size_t ranks = space.ranks();
  std::vector<std::int64_t> tiles;
  for (const Rank& rank : space.op->ranks) tiles.push_back(rank.extent);
  for (std::size_t i = 0; i < space.residents.size(); ++i) {
    path.push_back(Store{space.residents[i].tensor, space.residents[i].home});
  }
  for (std::size_t s = 0; s < space.slots.size(); ++s) {
    const Slot& slot = space.slots[s];
    if (!slot.axis) {
      for (std::size_t i = 0; i < space.residents.size(); ++i) {
        const Resident& resident = space.residents[i];
        if (slot.memory != resident.home && (point.keeps[i] & bit(slot.memory)) != 0) {
          path.push_back(Store{resident.tensor, slot.memory});
        }
      }
    }
    for (std::size_t position = 0; position < ranks; ++position) {
      const std::size_t r = point.order[s * ranks + position];
      const std::int64_t factor = point.factor(s, r, ranks);
      if (factor == 1) continue;
      const std::int64_t tile = ceil_div(tiles[r], factor);
      if (tile == tiles[r]) continue;
      tiles[r] = tile;
      path.push_back(Loop{space.id, static_cast<RankId>(r), tile, slot.axis});
    }
  }
}

LoopTree tree_of(const MapSpace& space, const Point& point) {
  return {path_of(space, point), ComputeLeaf{space.id}};
}

bool legal(const MapSpace& space, const Point& point) {
  const std::vector<SpatialLoop> loops = spatial_loops(space, point);
  const std::size_t ranks = space.ranks();
  for (std::size_t s = 0; s < space.slots.size(); ++s) {
    if (!space.slots[s].axis) continue;
    std::int64_t used = 1;
    for (std::size_t r = 0; r < ranks; ++r) used = checked_mul(used, point.factor(s, r, ranks));
    if (used > space.arch->axes[*space.slots[s].axis].size) return false;
  }
  for (std::size_t i = 0; i < space.residents.size(); ++i) {
    std::optional<MemoryId> parent;
    for (const MemoryId memory : ids<MemoryId>(space.arch->memories.size())) {
      if ((point.keeps[i] & bit(memory)) == 0) continue;
      if (!legal_store(space, point, loops, memory, parent)) return false;
      parent = memory;
    }
  }
  if (!legal_output(space, point)) return false;
  return space.constraints->empty() || broken_rules(*space.constraints, *space.workload,
                                                    *space.arch, space.id, path_of(space, point))
                                           .empty();
}

}  // namespace tileloom::mapper
