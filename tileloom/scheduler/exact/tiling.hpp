#pragma once
// A range of operators, and a way to tile it.

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "tileloom/scheduler/exact/weight_sets.hpp"
#include "tileloom/scheduler/network_problem.hpp"

namespace tileloom::scheduler::exact {

/// Operators first … last of the workload.
struct Range {
  std::size_t first = 0;
  std::size_t last = 0;
  std::size_t length() const { return last - first + 1; }
};

/// What stays of an intermediate tensor from tile to tile.
enum class Overlap : std::uint8_t {
  recompute,  ///< nothing: halos are computed again
  row,        ///< along the inner loop; along the outer one halos are computed again
  all         ///< everything that is needed again
};

/// A loop over tiles of one rank of the last operator.
struct TileLoop {
  RankId rank{};
  std::int64_t tile = 1;
  auto operator<=>(const TileLoop&) const = default;
};

/// One way to tile a stack: loops over ranks of its last operator, the outermost first.
struct Tiling {
  std::vector<TileLoop> loops;
  Overlap overlap = Overlap::row;
  WeightSet streamed = 0;  ///< weights that are fetched in every run, the others once
  /// Homes of the stack, by their place in `StackFrames::homes`, that lie in the memory of
  /// activations instead of the outermost: a bit each.
  std::uint32_t inside = 0;
  /// Tensors, by their place among those of the stack, whose overlap is another.
  std::map<std::size_t, Overlap> other_overlaps = {};
  auto operator<=>(const Tiling&) const = default;
};

/// Of the stack's tensor at `place`.
Overlap overlap_of(const Tiling& tiling, std::size_t place);
/// The overlap of a tiling that computes nothing twice: along one loop, rows are all there is.
inline Overlap most_kept(const Tiling& tiling) {
  return tiling.loops.size() > 1 ? Overlap::all : Overlap::row;
}

/// ⌈extent / n⌉, n = 1, 2, …: the sizes at which the number of tiles changes, for each number the
/// smallest; the largest first.
std::vector<std::int64_t> breakpoints(std::int64_t extent);

/// "P in 4, Q in 28, halos kept, 2 weights streamed".
std::string words(const NetworkProblem& problem, const Range& range, const Tiling& tiling);

}  // namespace tileloom::scheduler::exact
