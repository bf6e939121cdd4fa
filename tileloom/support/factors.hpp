#pragma once
#include <cstdint>
#include <vector>

namespace tileloom {

/// All divisors of n ≥ 1 in ascending order.
std::vector<std::int64_t> divisors(std::int64_t n);

/// Prime factors of n ≥ 1 with multiplicity, ascending; empty for 1.
std::vector<std::int64_t> prime_factors(std::int64_t n);

}  // namespace tileloom
