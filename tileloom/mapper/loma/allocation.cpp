#include "tileloom/mapper/loma/allocation.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "tileloom/mapper/loma/rounding.hpp"

namespace tileloom::mapper::loma {

using namespace cost::defines2022;

Allocator::Allocator(const Prepared& prepared, const Tables& tables, Rules rules)
    : prepared_(prepared),
      tables_(tables),
      loops_(static_cast<int>(tables.items().size())),
      rules_(rules),
      rounding_matters_(rules == Rules::as_published && rounding_matters(prepared, tables)),
      longest_is_best_(tables.monotone() && !rounding_matters_) {
  for (const PreparedMemory& memory : prepared.memories) {
    Place& place = places_.emplace_back();
    place.size = memory.size;
    for (const auto& [o, level] : memory.tenants) {
      const PreparedOperand& operand = prepared.operands[o];
      place.tenants.push_back({o, level, level + 1 == operand.levels(), operand.bits,
                               operand.final_bits, operand.is_output});
    }
  }
}

bool Allocator::allocate(const std::vector<int>& order, const Below* below,
                         Allocation& allocation, SizeRanges& tested) const {
  Cut cut{order, below, allocation, {}};
  for (std::size_t m = 0; m < places_.size(); ++m) {
    const Place& place = places_[m];
    std::array<Range, 3> ranges;
    std::array<int, 3> chosen{};
    for (std::size_t t = 0; t < place.tenants.size(); ++t) {
      const std::optional<Range> range = fitting(cut, place.tenants[t], place.size, tested[m]);
      if (!range) return false;
      ranges[t] = *range;
      chosen[t] = cut.taken[place.tenants[t].operand];
    }
    if (!choose(cut, place, ranges, chosen, tested[m]) && rules_ == Rules::exact) return false;
    for (std::size_t t = 0; t < place.tenants.size(); ++t) {
      const Tenant& tenant = place.tenants[t];
      if (tenant.top && chosen[t] < loops_) return false;
      cut.taken[tenant.operand] = chosen[t];
      allocation.boundary[tenant.operand][static_cast<std::size_t>(tenant.level)] =
          static_cast<std::uint8_t>(chosen[t]);
    }
  }
  return true;
}

Mapping Allocator::mapping_of(const std::vector<int>& order, const Allocation& allocation) const {
  Mapping mapping;
  for (const int kind : order)
    mapping.order.push_back(tables_.kinds()[static_cast<std::size_t>(kind)].loop);
  for (std::size_t o = 0; o < prepared_.operands.size(); ++o) {
    mapping.boundary.emplace_back();
    for (int k = 0; k < prepared_.operands[o].levels(); ++k)
      mapping.boundary.back().push_back(allocation.boundary[o][static_cast<std::size_t>(k)]);
  }
  return mapping;
}

std::optional<Mapping> Allocator::cut(const std::vector<int>& order) const {
  std::array<Below, kMaxLoops + 1> below{};
  for (std::size_t p = 0; p < order.size(); ++p)
    below[p + 1] = below[p] + tables_.kinds()[static_cast<std::size_t>(order[p])].stride;
  Allocation allocation;
  SizeRanges tested(places_.size());
  if (!allocate(order, below.data(), allocation, tested)) return std::nullopt;
  return mapping_of(order, allocation);
}

/// The prefixes that fit alone, up to the first that does not. Output elements are partial, and so
/// wide, if a reduction was still unallocated on entry. Absent if the order is illegal: nothing
/// fits, or the top cannot take everything.
std::optional<Allocator::Range> Allocator::fitting(const Cut& cut, const Tenant& tenant,
                                                   std::int64_t size,
                                                   SizeRange& tested) const {
  const int taken = cut.taken[tenant.operand];
  const bool wide = !tenant.is_output || tables_.reduces_above(cut.below[taken]);
  Range range{taken, taken, wide ? tenant.bits : tenant.final_bits};
  const auto fits = [&](int p) {
    const std::int64_t need = held(cut, tenant, range.bits, p);
    tested.asked(need, need <= size);
    return need <= size;
  };
  if (!fits(taken)) return std::nullopt;
  while (range.last < loops_ && fits(range.last + 1)) ++range.last;
  if (!tenant.top) return range;
  if (range.last < loops_) return std::nullopt;
  range.first = range.last;
  return range;
}

/// The combination with the least Σ iterations outside × bits held, a top counting 0; the later one
/// if equal. Leaves `best` as it is and returns false if none fits.
bool Allocator::choose(const Cut& cut, const Place& place, const std::array<Range, 3>& ranges,
                       std::array<int, 3>& best, SizeRange& tested) const {
  const std::size_t tenants = place.tenants.size();
  if (tenants == 1 && longest_is_best_) {
    best[0] = ranges[0].last;
    return true;
  }
  std::int64_t least = std::numeric_limits<std::int64_t>::max();
  std::array<int, 3> now{};
  const auto visit = [&](const auto& self, std::size_t t, std::int64_t room,
                         std::int64_t accesses) -> void {
    if (t == tenants) {
      if (accesses > least) return;
      least = accesses;
      best = now;
      return;
    }
    const Tenant& tenant = place.tenants[t];
    const bool only_longest = longest_is_best_ && t + 1 == tenants;
    for (int p = only_longest ? ranges[t].last : ranges[t].first;
         ranges[t].first <= p && p <= ranges[t].last; p += only_longest ? -1 : 1) {
      const std::int64_t bits = held(cut, tenant, ranges[t].bits, p);
      tested.asked(place.size - room + bits, bits <= room);
      if (bits > room) continue;
      now[t] = p;
      const std::int64_t outside =
          tenant.top ? 0 : tables_.total() / tables_.iterations(cut.below[p]) * bits;
      self(self, t + 1, room - bits, accesses + outside);
      if (only_longest) break;
    }
  };
  visit(visit, 0, place.size, 0);
  return least != std::numeric_limits<std::int64_t>::max();
}

/// The elements, each extent a product of doubles in the order in which the artifact comes by its
/// loops: spatial level 0, temporal level 0, spatial level 1, … and the prefix in question last.
std::int64_t Allocator::elements_as_published(const Cut& cut, const Tenant& tenant, int p) const {
  const PreparedOperand& operand = prepared_.operands[tenant.operand];
  std::array<double, kDims> extent;
  extent.fill(1);
  int placed = 0;
  for (int level = 0; level <= tenant.level; ++level) {
    for (const SpatialLoop& loop : operand.spatial[static_cast<std::size_t>(level)])
      extent[static_cast<std::size_t>(loop.dim)] *= loop.fraction();
    const int upto = level == tenant.level
                         ? p
                         : cut.allocation.boundary[tenant.operand][static_cast<std::size_t>(level)];
    for (; placed < upto; ++placed) {
      const auto kind = static_cast<std::size_t>(cut.order[static_cast<std::size_t>(placed)]);
      const TemporalLoop& loop = tables_.kinds()[kind].loop;
      extent[static_cast<std::size_t>(loop.dim)] *= static_cast<double>(loop.size);
    }
  }
  std::array<std::int64_t, kDims> whole;
  for (std::size_t d = 0; d < kDims; ++d)
    whole[d] = static_cast<std::int64_t>(std::ceil(extent[d]));
  return elements_of(operand, whole);
}

}  // namespace tileloom::mapper::loma
