#include "tileloom/scheduler/dlfusion/closed_sets.hpp"

#include <algorithm>
#include <set>

namespace tileloom::scheduler {
namespace {

bool is_ready(const UnitGraph& units, const UnitSet& done, UnitId id) {
  return std::ranges::all_of(units[id].before,
                             [&](UnitId before) { return contains(done, before); });
}

}  // namespace

std::optional<std::vector<UnitSet>> closed_sets(const UnitGraph& units, std::size_t most) {
  std::vector<UnitSet> sets;
  std::set<UnitSet> layer = {empty_set(units)};
  for (std::size_t size = 0; size <= units.size(); ++size) {
    if (sets.size() + layer.size() > most) return std::nullopt;
    std::set<UnitSet> next;
    for (const UnitSet& set : layer) {
      sets.push_back(set);
      for (const UnitId id : ids<UnitId>(units.size())) {
        if (contains(set, id) || !is_ready(units, set, id)) continue;
        UnitSet larger = set;
        insert(larger, id);
        next.insert(std::move(larger));
      }
    }
    layer = std::move(next);
  }
  return sets;
}

std::vector<UnitSet> beginnings(const UnitGraph& units) {
  std::vector<UnitSet> sets = {empty_set(units)};
  for (const UnitId id : ids<UnitId>(units.size())) {
    UnitSet next = sets.back();
    insert(next, id);
    sets.push_back(std::move(next));
  }
  return sets;
}

UnitSet block_between(const UnitSet& before, const UnitSet& done) {
  UnitSet block = done;
  for (std::size_t w = 0; w < block.size(); ++w) {
    if ((before[w] & ~done[w]) != 0) return {};
    block[w] &= ~before[w];
  }
  return block;
}

}  // namespace tileloom::scheduler
