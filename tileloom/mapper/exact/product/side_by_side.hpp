#pragma once
// Spatial choices that differ only in how ranks are spread over axes side by side.
// docs/exact_mapper.md (R14)

#include <cstdint>
#include <map>
#include <vector>

#include "tileloom/mapper/exact/product/boundary_table.hpp"

namespace tileloom::mapper::product {

/// Sets of open axes side by side: between them stands no memory, and they share, reduce, cost and
/// replicate the memories in use alike. Every axis is in one. `memories`: bit m: memory m is in use.
std::vector<std::uint64_t> side_by_side(const Terrain& terrain, std::uint32_t memories);

/// Numbers the choices of every group. Not shared between threads.
class AlikeChoices {
 public:
  /// The arguments outlive it.
  AlikeChoices(const Terrain& terrain, const Choices& choices)
      : terrain_(terrain), choices_(choices) {}

  /// By group and choice: equal numbers where every rank has as many positions along every set; the
  /// very same if others of its positions stand between. Empty if no two axes stand side by side.
  using Numbers = std::vector<std::vector<std::uint32_t>>;
  const Numbers& operator()(std::uint32_t memories);

 private:
  const Terrain& terrain_;
  const Choices& choices_;
  std::map<std::vector<std::uint64_t>, Numbers> known_;  ///< by sets
};

}  // namespace tileloom::mapper::product
