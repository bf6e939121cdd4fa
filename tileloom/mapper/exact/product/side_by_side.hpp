#pragma once
// Spatial choices that differ only in how ranks are spread over axes side by side.
// docs/exact_mapper.md (R14)

#include <cstdint>
#include <vector>

#include "tileloom/mapper/exact/product/boundary_table.hpp"

namespace tileloom::mapper::product {

/// Sets of open axes side by side: between them stands no memory, and they share, reduce, cost and
/// replicate memories alike. Every axis is in one.
std::vector<std::uint64_t> side_by_side(const Terrain& terrain);

/// By group and choice: equal numbers where every rank has as many positions along every such set.
/// Empty if no two axes stand side by side.
std::vector<std::vector<std::uint32_t>> alike(const Terrain& terrain, const Choices& choices);

}  // namespace tileloom::mapper::product
