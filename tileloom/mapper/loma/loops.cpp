#include "tileloom/mapper/loma/loops.hpp"

#include <algorithm>
#include <functional>
#include <tuple>

namespace tileloom::mapper::loma {
namespace {

using cost::defines2022::Dim;

struct Factors {
  Dim dim{};
  std::vector<std::int64_t> sizes;  ///< ascending
};

std::vector<std::int64_t> prime_factors(std::int64_t n) {
  std::vector<std::int64_t> factors;
  for (std::int64_t p = 2; p * p <= n; ++p)
    for (; n % p == 0; n /= p) factors.push_back(p);
  if (n > 1) factors.push_back(n);
  return factors;
}

void merge_two_smallest(std::vector<std::int64_t>& sizes) {
  sizes[1] *= sizes[0];
  sizes.erase(sizes.begin());
  std::ranges::sort(sizes);
}

}  // namespace

std::vector<TemporalLoop> temporal_loops(const cost::defines2022::Prepared& prepared, int limit) {
  std::vector<Factors> loops;
  std::size_t count = 0;
  for (const Dim dim : prepared.loops) {
    loops.push_back({dim, prime_factors(prepared.temporal[dim])});
    count += loops.back().sizes.size();
  }
  const auto most = static_cast<std::size_t>(std::clamp(limit, 0, kMostLoops));
  for (; count > most; --count) {
    const auto longest = std::ranges::max_element(
        loops, {}, [](const Factors& factors) { return factors.sizes.size(); });
    if (longest == loops.end() || longest->sizes.size() < 2) break;
    merge_two_smallest(longest->sizes);
  }
  std::vector<TemporalLoop> sorted;
  for (const Factors& factors : loops)
    for (const std::int64_t size : factors.sizes) sorted.push_back({factors.dim, size});
  std::ranges::sort(sorted, std::greater<>(),
                    [](const TemporalLoop& loop) { return std::tuple(loop.dim, loop.size); });
  return sorted;
}

}  // namespace tileloom::mapper::loma
