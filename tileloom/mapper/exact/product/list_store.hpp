#pragma once
// Lists of candidates, kept and used again under other choices of the other groups.

#include <cstdint>
#include <map>
#include <tuple>
#include <unordered_map>
#include <vector>

#include "tileloom/mapper/exact/product/boundary_table.hpp"
#include "tileloom/mapper/exact/product/candidates.hpp"
#include "tileloom/mapper/exact/product/temporal.hpp"

namespace tileloom::mapper::product {

/// A placement with everything that no spatial choice changes.
struct PlacementState {
  Placement placement;
  PlacementBound bound;
  std::vector<Skeleton> skeletons;  ///< made when first needed, with their layouts
  std::vector<Layout> layouts;
};

class ListStore {
 public:
  ListStore(const Terrain& terrain, const Choices& choices, const BoundaryTable& table);

  struct Which {
    std::size_t placement = 0;
    std::size_t skeleton = 0;
    std::size_t group = 0;
    std::size_t choice = 0;
    std::uint32_t empty = 0;
    std::uint32_t crossed = 0;
  };
  /// Boxes of groups without general axes leave out the spatial factors: see box_scale. If the
  /// record is exhausted meanwhile, the list may lack candidates.
  const CandidateList& get(const Frame& frame, const PlacementState& state, const Which& which,
                           Record& record);
  /// The list if it was made before.
  const CandidateList* find(const Which& which) const;

  /// Forgets all lists if they have grown beyond what is worth the memory (512 MiB).
  void limit() {
    if (numbers_ > (std::size_t{1} << 26)) clear();
  }
  void forget(const Which& which);
  void clear() {
    lists_.clear();
    numbers_ = 0;
  }

 private:
  using Key =
      std::tuple<std::size_t, std::size_t, std::size_t, std::size_t, std::uint32_t, std::uint32_t>;
  struct HashKey {
    std::size_t operator()(const Key& key) const;
  };

  Key key_of(const Which& which) const;

  const Terrain& terrain_;
  const Choices& choices_;
  const BoundaryTable& table_;
  std::vector<std::vector<std::size_t>>
      same_;  ///< by group and choice: first with the same trips left
  std::unordered_map<Key, CandidateList, HashKey> lists_;
  std::size_t numbers_ = 0;  ///< in all lists
};

/// By Store: what the lists of groups without general axes leave out of its box.
std::vector<double> box_scale(const Terrain& terrain, const Skeleton& skeleton,
                              std::span<const SpatialChoice* const> choices);

}  // namespace tileloom::mapper::product
