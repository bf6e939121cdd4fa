#pragma once
// From a complete choice of loops to paths: every loop order that can matter.

#include <functional>
#include <span>
#include <vector>

#include "tileloom/mapper/exact/product/candidates.hpp"

namespace tileloom::mapper::product {

/// Calls `visit` with the path of every order of the temporal loops that may count differently
/// (R4). Stops when `visit` returns false.
void for_each_order(const Frame& frame, std::span<const Candidate* const> chosen,
                    std::span<const SpatialChoice* const> choices,
                    const std::function<bool(std::span<const PathNode>)>& visit);

}  // namespace tileloom::mapper::product
