#pragma once
// What happens when on a path: chunks, steps, lanes and boxes, by enumeration
// (docs/cost_model.md 1.1 and 1.2).

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <vector>

#include "tileloom/loop_tree/loop_tree.hpp"

namespace tileloom::reference {

/// The values [start, start + length) of one rank.
struct Chunk {
  std::int64_t start = 0;
  std::int64_t length = 0;
  bool operator==(const Chunk&) const = default;
};

/// One trip number per node of the path; 0 where the node is not meant.
using Trips = std::vector<std::int64_t>;

/// One point computed by one lane.
struct LaneWork {
  Trips lane;                       ///< trips of the spatial loops, 0 elsewhere
  std::vector<std::int64_t> point;  ///< value per rank
};

/// The steps of the lanes in order; each with what every busy lane does in it.
using Steps = std::map<Trips, std::vector<LaneWork>>;
Steps enumerate_steps(const Operator& op, std::span<const PathNode> path);

/// Indices of the spatial loops of the path that satisfy the predicate's question for a Store at
/// node `at`: they stand above it and replicate its memory (1.2).
std::vector<std::size_t> own_spatial_loops(const Architecture& arch, std::span<const PathNode> path,
                                           std::size_t at);

/// `trips` with every node zeroed that is not in `nodes`.
Trips only(const Trips& trips, std::span<const std::size_t> nodes);

/// Chunk per rank at node `at` for the temporal trips `step` and the trips `instance` of the
/// spatial loops `own`; other spatial loops do not narrow. Absent if one of the trips does not
/// exist.
std::optional<std::vector<Chunk>> chunks_at(const Operator& op, std::span<const PathNode> path,
                                            std::size_t at, const Trips& step,
                                            const Trips& instance,
                                            std::span<const std::size_t> own);

/// The elements of an operand from the smallest to the largest index on every axis; absent chunks
/// or an empty axis give no elements. Row-major indices, ascending.
std::vector<std::int64_t> box_elements(const Operand& operand,
                                       const std::optional<std::vector<Chunk>>& chunks);

}  // namespace tileloom::reference
