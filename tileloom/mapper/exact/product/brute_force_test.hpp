#pragma once
// Small random problems, and every mapping of them: what the product search is tested against.

#include <cstdint>
#include <functional>
#include <span>

#include "tileloom/mapper/mapspace.hpp"
#include "tileloom/support/random.hpp"

namespace tileloom::mapper::product {

/// A machine of two or three memories and up to two axes with random abilities, every figure small.
Architecture random_machine(Random& random);

/// A small matrix multiplication or convolution with stride, dilation and padding.
Workload random_work(Random& random);

/// Visits every mapping of the space of docs/exact_mapper.md, section 1, without any of its rules;
/// also some that are not legal or do not fit. False if there are more than `limit`.
using VisitPath = std::function<void(std::span<const PathNode>)>;
bool for_each_mapping(const MapSpace& space, std::int64_t limit, const VisitPath& visit);

}  // namespace tileloom::mapper::product
