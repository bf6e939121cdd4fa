#pragma once
// The product search: best first over placements and spatial choices, then temporal loops.
// docs/exact_mapper.md.

#include "tileloom/mapper/exact/product/pareto.hpp"
#include "tileloom/mapper/exact/product/terrain.hpp"
#include "tileloom/mapper/mapper.hpp"

namespace tileloom::mapper::product {

inline constexpr const char* kSpace =
    "every placement and order of the Stores, perfect factors, one loop per rank between "
    "neighbouring Stores, all loop orders";

struct Found {
  std::optional<cost::Score> score;
  std::vector<PathNode> path;
  cost::Score lower_bound;
  bool proved = false;
  std::int64_t evaluations = 0;
};

/// A mapping found another way.
struct Start {
  std::optional<cost::Score> score;
  std::vector<PathNode> path;
  std::int64_t evaluations = 0;
};
using Improve = std::function<Start(const Start& known)>;

/// The best mapping of the space. `improve` is asked once, for a mapping better than the incumbent,
/// if the search takes long.
Found search(const Terrain& terrain, const cost::Objective& objective, const Budget& budget,
             const Improve& improve, const OnProgress& on_progress);

struct FrontFound {
  Pareto front;
  /// Lower bounds (cycles, picojoules) of what was not searched; none: the front is complete.
  std::vector<cost::Score> open;
  std::int64_t evaluations = 0;
};

/// All best compromises of latency and energy; `starts`, scored by (cycles, picojoules), are known
/// already.
FrontFound search_front(const Terrain& terrain, const Budget& budget, std::span<const Start> starts,
                        const OnProgress& on_progress);

}  // namespace tileloom::mapper::product
