#include "tileloom/mapper/exact/product/list_store.hpp"

#include <algorithm>

#include "tileloom/mapper/exact/product/loose_bound.hpp"

namespace tileloom::mapper::product {

ListStore::ListStore(const Terrain& terrain, const Choices& choices, const BoundaryTable& table)
    : terrain_(terrain), choices_(choices), table_(table) {
  for (std::size_t g = 0; g < choices.size(); ++g) {
    std::vector<std::size_t>& same = same_.emplace_back();
    for (std::size_t c = 0; c < choices[g].size(); ++c) {
      std::size_t first = c;
      if (terrain.groups[g].axes.empty()) {
        first = 0;
        while (choices[g][first].rests != choices[g][c].rests) ++first;
      }
      same.push_back(first);
    }
  }
}

std::size_t ListStore::HashKey::operator()(const Key& key) const {
  std::size_t hash = std::get<0>(key);
  hash = hash * 1000003 + std::get<1>(key);
  hash = hash * 1000003 + std::get<2>(key);
  hash = hash * 1000003 + std::get<3>(key);
  hash = hash * 1000003 + std::get<4>(key);
  return hash * 1000003 + std::get<5>(key);
}

ListStore::Key ListStore::key_of(const Which& which) const {
  return {which.placement, which.skeleton, which.group, same_[which.group][which.choice],
          which.empty,     which.crossed};
}

const CandidateList* ListStore::find(const Which& which) const {
  const auto found = lists_.find(key_of(which));
  return found == lists_.end() ? nullptr : &found->second;
}

const CandidateList& ListStore::get(const Frame& frame, const PlacementState& state,
                                    const Which& which, Record& record) {
  const std::size_t group = which.group;
  const std::size_t first = same_[group][which.choice];
  const auto [entry, fresh] = lists_.try_emplace(key_of(which));
  if (!fresh) return entry->second;
  std::vector<const SpatialChoice*> own;
  for (std::size_t c = 0; c < choices_[group].size(); ++c) {
    if (same_[group][c] == first) own.push_back(&choices_[group][c]);
  }
  ListRequest request{group, *own[0], which.empty, which.crossed};
  if (terrain_.groups[group].axes.empty()) std::ranges::fill(request.choice.factors, 1);
  const LooseBound loose =
      loose_bound(terrain_, frame.placement, state.bound.ids(), table_, frame.layout, group, own);
  std::vector<double> quantities;
  const Hopeless hopeless = [&](const Candidate& candidate) {
    quantities_of(frame.layout, group, candidate, loose.floor, quantities);
    ++record.work;
    return record.exhausted() || record.settled(score_of(record.objective, loose(quantities)));
  };
  entry->second = list_candidates(frame, request, hopeless);
  numbers_ += entry->second.numbers.size() + entry->second.trips.size();
  return entry->second;
}

void ListStore::forget(const Which& which) {
  const auto found = lists_.find(key_of(which));
  if (found == lists_.end()) return;
  numbers_ -= found->second.numbers.size() + found->second.trips.size();
  lists_.erase(found);
}

std::vector<double> box_scale(const Terrain& terrain, const Skeleton& skeleton,
                              std::span<const SpatialChoice* const> choices) {
  std::vector<double> scale;
  for (const PlacedStore& store : skeleton.stores) {
    double factor = 1;
    const std::uint64_t own = terrain.memories[index(store.memory)].own;
    for (std::size_t g = 0; g < choices.size(); ++g) {
      if (!terrain.groups[g].axes.empty()) continue;
      const std::size_t rank = terrain.groups[g].ranks[0];
      if (terrain.operands[store.operand].relevance[rank] == Relevance::none) continue;
      factor *= static_cast<double>(choices[g]->positions_along(0, ~own));
    }
    scale.push_back(factor);
  }
  return scale;
}

}  // namespace tileloom::mapper::product
