#include "tileloom/mapper/cosa/shape.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <numeric>
#include <optional>

#include "tileloom/support/factors.hpp"

namespace tileloom::mapper::cosa {
namespace {

/// The orders of operands are enumerated.
constexpr std::size_t kMostOperands = 6;

constexpr std::uint32_t bit(MemoryId memory) { return std::uint32_t{1} << index(memory); }

std::vector<PrimePower> powers_of(const Operator& op) {
  std::vector<PrimePower> powers;
  for (std::size_t r = 0; r < op.ranks.size(); ++r) {
    for (const std::int64_t prime : prime_factors(op.ranks[r].extent)) {
      if (powers.empty() || powers.back().rank != r || powers.back().prime != prime) {
        powers.push_back({r, prime, 0, std::log2(static_cast<double>(prime))});
      }
      ++powers.back().copies;
    }
  }
  return powers;
}

/// The memories that keep something, outermost first.
std::vector<MemoryId> used_memories(const MapSpace& space, const Shape& shape) {
  std::uint32_t used = 0;
  for (const std::uint32_t keeps : shape.keeps) used |= keeps;
  std::vector<MemoryId> memories;
  for (const MemoryId memory : ids<MemoryId>(space.arch->memories.size())) {
    if ((used & bit(memory)) != 0) memories.push_back(memory);
  }
  return memories;
}

/// The level of the innermost used memory that is not inside `memory`.
int level_of(const std::vector<MemoryId>& used, MemoryId memory) {
  int level = static_cast<int>(used.size());
  for (const MemoryId m : used) {
    if (m <= memory) --level;
  }
  return level;
}

Zone zone_of(int level, int permuted_level) {
  if (level < permuted_level) return Zone::inside;
  return level == permuted_level ? Zone::permuted : Zone::outside;
}

/// True if a spatial loop on `axis` could not stand: a Store does not have it although its parent
/// has (rule 5), or the loops of the permuted level stand between it and a memory shared along it
/// (rule 4).
bool closed_axis(const MapSpace& space, const Shape& shape, AxisId axis) {
  const std::vector<MemoryId> used = used_memories(space, shape);
  if (space.arch->axes[axis].below <= index(used[1])) {
    for (const MemoryId memory : used) {
      if (memory > used[1] && !replicated(*space.arch, memory, axis)) return true;
    }
  }
  for (const std::uint32_t keeps : shape.keeps) {
    bool replicated_outside = false;
    for (const MemoryId memory : ids<MemoryId>(space.arch->memories.size())) {
      if ((keeps & bit(memory)) == 0) continue;
      const bool has = replicated(*space.arch, memory, axis);
      if (replicated_outside && !has) return true;
      replicated_outside = replicated_outside || has;
    }
  }
  return false;
}

/// True if temporal loops in the slot would stand between an axis and a memory shared along it
/// (rule 4).
bool closed_time(const MapSpace& space, const Shape& shape, const Slot& slot) {
  for (const MemoryId memory : used_memories(space, shape)) {
    if (memory <= slot.memory) continue;
    for (const AxisId axis : ids<AxisId>(space.arch->axes.size())) {
      const std::size_t below = space.arch->axes[axis].below;
      if (below <= index(slot.memory) && below <= index(memory) &&
          !replicated(*space.arch, memory, axis) && space.arch->axes[axis].size > 1 &&
          !closed_axis(space, shape, axis)) {
        return true;
      }
    }
  }
  return false;
}

std::vector<Place> places_of(const MapSpace& space, const Shape& shape,
                             const std::vector<MemoryId>& used) {
  const int permuted_level = static_cast<int>(used.size()) - 2;
  std::vector<Place> places;
  for (const std::size_t s : open_slots(space, shape.keeps)) {
    const Slot& slot = space.slots[s];
    Place place;
    place.slot = s;
    place.spatial = slot.axis.has_value();
    place.level = level_of(used, slot.memory);
    place.zone = zone_of(place.level, permuted_level);
    place.name = space.arch->memories[used[used.size() - 1 - static_cast<std::size_t>(place.level)]]
                     .name;
    if (slot.axis) {
      const SpatialAxis& axis = space.arch->axes[*slot.axis];
      if (axis.size == 1 || closed_axis(space, shape, *slot.axis)) continue;
      place.room = std::log2(static_cast<double>(axis.size));
      place.name += "/" + axis.name;
    } else if (place.zone == Zone::inside && closed_time(space, shape, slot)) {
      continue;
    }
    places.push_back(std::move(place));
  }
  return places;
}

/// Kinship of every rank with an operand. On an input's axis over several ranks those that the
/// output has too are positions, the others windows.
std::vector<Kin> kin_of(const Operator& op, const Operand& operand) {
  std::vector<Kin> kin(op.ranks.size());
  for (const Axis& axis : operand.axes) {
    std::vector<std::size_t> positions;
    for (const Term& term : axis.terms) {
      if (operand.role != Role::output && relevant(op.output, term.rank)) {
        positions.push_back(index(term.rank));
      }
    }
    for (const Term& term : axis.terms) {
      Kin& own = kin[index(term.rank)];
      const bool position =
          positions.empty() || std::ranges::find(positions, index(term.rank)) != positions.end();
      own.kinship = position ? Kinship::plain : Kinship::window;
      if (position) own.stride_log = std::log2(static_cast<double>(term.coefficient));
      if (!position) own.positions = positions;
    }
  }
  return kin;
}

/// Every chain of operands gives an order: what all of them leave alone innermost, then what all
/// but the last leave alone, and so on. Of equal or dominated chains one is kept.
std::vector<OrderClass> classes_of(const Shape& shape, std::size_t ranks) {
  const std::size_t operands = shape.kin.size();
  std::vector<OrderClass> classes;
  std::vector<std::size_t> chain(operands);
  std::iota(chain.begin(), chain.end(), std::size_t{0});
  do {
    OrderClass candidate{{}, std::vector<int>(ranks, 0)};
    std::vector<bool> alone(ranks, true);
    for (const std::size_t v : chain) {
      bool any = false;
      for (std::size_t j = 0; j < ranks; ++j) {
        alone[j] = alone[j] && shape.kin[v][j].kinship != Kinship::plain;
        if (alone[j] && std::ranges::find(shape.powers, j, &PrimePower::rank) != shape.powers.end()) {
          ++candidate.saved[j];
          any = true;
        }
      }
      if (!any) break;
      candidate.name += (candidate.name.empty() ? "" : ">") + shape.operand_names[v];
    }
    const auto dominates = [](const OrderClass& a, const OrderClass& b) {
      return std::ranges::equal(a.saved, b.saved, std::greater_equal{});
    };
    if (std::ranges::any_of(classes, [&](const auto& c) { return dominates(c, candidate); })) {
      continue;
    }
    std::erase_if(classes, [&](const OrderClass& c) { return dominates(candidate, c); });
    classes.push_back(std::move(candidate));
  } while (std::next_permutation(chain.begin(), chain.end()));
  return classes;
}

/// Z of one memory, by place.
std::vector<bool> places_inside(const MapSpace& space, const Shape& shape, MemoryId memory) {
  std::vector<bool> inside;
  for (const Place& place : shape.places) {
    inside.push_back(encloses(space, memory, space.slots[place.slot]));
  }
  return inside;
}

/// log2 M(i, v): the memory's words are shared alike among the operands it keeps. Sums inside the
/// permuted level are partial ones.
std::optional<double> room_of(const Memory& memory, const Operand& operand, Zone zone,
                              std::size_t sharing) {
  if (!memory.capacity) return std::nullopt;
  const std::int64_t bits = zone == Zone::inside ? operand.partial_bits : operand.bits;
  const double entries = static_cast<double>(memory.capacity->value) /
                         static_cast<double>(bits * (memory.double_buffered ? 2 : 1)) /
                         static_cast<double>(sharing);
  return std::log2(std::max(entries, 1.0));
}

std::vector<Buffer> buffers_of(const MapSpace& space, const Shape& shape,
                               const std::vector<MemoryId>& used) {
  const std::vector<const Operand*> all = operands(*space.op);
  std::vector<Buffer> buffers;
  for (std::size_t v = 0; v < all.size(); ++v) {
    bool outermost = true;
    for (const MemoryId memory : used) {
      if (memory == used.front() || (shape.keeps[v] & bit(memory)) == 0) continue;
      const int level = level_of(used, memory);
      const Zone zone = zone_of(level, static_cast<int>(used.size()) - 2);
      const auto sharing = std::ranges::count_if(
          shape.keeps, [&](std::uint32_t keeps) { return (keeps & bit(memory)) != 0; });
      const std::optional<double> room = room_of(space.arch->memories[memory], *all[v], zone,
                                                 static_cast<std::size_t>(sharing));
      const bool first_inside = outermost && zone == Zone::inside;
      if (zone == Zone::inside) outermost = false;
      if (!room) continue;
      Buffer buffer;
      buffer.memory = memory;
      buffer.operand = v;
      buffer.name = space.arch->memories[memory].name + "," + shape.operand_names[v];
      buffer.level = level;
      buffer.zone = zone;
      buffer.room = *room;
      if (zone != Zone::inside) {
        buffer.partials = std::log2(static_cast<double>(all[v]->partial_bits) /
                                    static_cast<double>(all[v]->bits));
      }
      buffer.weight_buffer = first_inside && shape.is_weight[v];
      buffer.window_buffer = first_inside;
      buffer.holds_place = places_inside(space, shape, memory);
      const auto child = std::ranges::find_if(
          used, [&](MemoryId m) { return m > memory && (shape.keeps[v] & bit(m)) != 0; });
      buffer.child_holds = child == used.end() ? std::vector<bool>(shape.places.size(), false)
                                               : places_inside(space, shape, *child);
      buffers.push_back(std::move(buffer));
    }
  }
  return buffers;
}

}  // namespace

bool encloses(const MapSpace& space, MemoryId memory, const Slot& slot) {
  if (slot.memory >= memory) return true;
  return slot.axis && !replicated(*space.arch, memory, *slot.axis);
}

Shape shape_of(const MapSpace& space) {
  Shape shape;
  const std::vector<const Operand*> all = operands(*space.op);
  if (all.size() != space.residents.size()) {
    shape.inexpressible = "CoSA gives every operand a residency, but one tensor is read twice";
    return shape;
  }
  if (all.size() > kMostOperands) {
    shape.inexpressible = fmt::format("CoSA orders loops by which operand stays put; {} operands are "
                                      "more than the {} that are tried",
                                      all.size(), kMostOperands);
    return shape;
  }
  for (const Resident& resident : space.residents) shape.keeps.push_back(resident.may_keep);
  const std::vector<MemoryId> used = used_memories(space, shape);
  if (used.size() < 2) {
    shape.inexpressible = "CoSA orders the loops of the outermost on-chip memory, but no memory inside " +
                          space.arch->memories[used.front()].name + " can hold an operand";
    return shape;
  }
  shape.powers = powers_of(*space.op);
  shape.places = places_of(space, shape, used);
  for (const Operand* operand : all) {
    shape.operand_names.push_back(space.workload->tensors[operand->tensor].name);
    shape.is_weight.push_back(operand->role == Role::weight);
    shape.kin.push_back(kin_of(*space.op, *operand));
  }
  shape.buffers = buffers_of(space, shape, used);
  shape.classes = classes_of(shape, space.ranks());
  const auto permuted = std::ranges::find_if(shape.places, [](const Place& place) {
    return place.zone == Zone::permuted && !place.spatial;
  });
  if (permuted == shape.places.end()) {
    shape.inexpressible = "CoSA orders the loops of the outermost on-chip memory, but " +
                          space.arch->memories[used[1]].name + " lies outside the home of a tensor";
    return shape;
  }
  shape.permuted = static_cast<std::size_t>(permuted - shape.places.begin());
  return shape;
}

}  // namespace tileloom::mapper::cosa
