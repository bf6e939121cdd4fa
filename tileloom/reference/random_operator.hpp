#pragma once
// Small operators of every shape the workload knows, for tests against the interpreter.

#include "tileloom/support/random.hpp"
#include "tileloom/workload/workload.hpp"

namespace tileloom::reference {

/// A workload of one operator with at most `max_points` points: a convolution (stride, dilation,
/// padding, groups, 1-D or 2-D), a transposed one, a matrix product with batch and broadcasting, a
/// pooling, an elementwise function with broadcasting, a copy with offsets, a reduction, or an
/// arbitrary Einsum. Its output boxes have no holes when all loops stand below them.
Workload random_workload(Random& random, std::int64_t max_points);

/// True if Σ coefficient·value, 0 ≤ value < length per rank, takes every value from 0 to its
/// largest; by trying all.
bool gap_free(const Axis& axis, const std::vector<std::int64_t>& length_by_rank);

}  // namespace tileloom::reference
