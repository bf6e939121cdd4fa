#pragma once
#include <optional>

#include "tileloom/mapper/exact/product/terrain.hpp"

namespace tileloom::mapper::product {

/// An earlier group that differs from group g by the names of its ranks only: swapping the two
/// leaves the operator as it is. (R1)
std::optional<std::size_t> mirror_of(const Terrain& terrain, std::size_t g);

}  // namespace tileloom::mapper::product
