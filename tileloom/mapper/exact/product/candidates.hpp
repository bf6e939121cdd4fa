#pragma once
// The temporal loops that one group of ranks may have under a skeleton and a spatial choice, and
// what each way contributes to every count.

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "tileloom/mapper/exact/product/axis_table.hpp"
#include "tileloom/mapper/exact/product/layout.hpp"

namespace tileloom::mapper::product {

/// One way to split the temporal trips of a group's ranks over the blocks. The arrays belong to the
/// list.
struct Candidate {
  std::span<const std::int64_t> trips;  ///< [rank of the group · blocks + block]
  std::span<const double> least;        ///< by column: no arrangement of these loops brings in less
  std::span<const double> most;         ///< by column in which the group may slide: nothing is kept
                                        ///< when the sliding loop falls back; see Quantity::most
  std::span<const double> boxes;        ///< by store: elements of the largest box along these ranks
  std::span<const std::uint8_t> moves;  ///< by boundary: innermost block that moves the child's box
  std::uint32_t reduces_from = 0;       ///< first block with a loop over a rank the output lacks
  std::span<const double> values;       ///< all of the above but the trips; see Compared
};

/// What dominance compares: places of a lower and an upper bound among a candidate's values.
struct Compared {
  std::size_t low = 0;
  std::size_t high = 0;
};

struct CandidateList {
  std::vector<Candidate> items;
  std::vector<double> least;  ///< by column, over the items
  std::vector<double> boxes;  ///< by store, the smallest

  std::vector<Compared> compared;  ///< everything that differs between the items, nothing twice

  std::vector<double> numbers;       ///< what the items' spans point to
  std::vector<std::int64_t> trips;   ///< likewise
  std::vector<std::uint8_t> blocks;  ///< likewise
};

/// (R3): `a` can replace `b` in any mapping at no cost. Both of one list.
bool dominates(const CandidateList& list, const Candidate& a, const Candidate& b);

/// What the lists of one skeleton have in common.
struct Frame {
  const Terrain& terrain;
  const Placement& placement;
  const Skeleton& skeleton;
  const Layout& layout;
  std::vector<AxisTable>& tables;  ///< by Terrain::axes
};

/// True if a candidate cannot be part of a mapping worth finding.
using Hopeless = std::function<bool(const Candidate&)>;

struct ListRequest {
  std::size_t group = 0;
  SpatialChoice choice;       ///< only what the group's contributions depend on
  std::uint32_t empty = 0;    ///< blocks without any loop
  std::uint32_t crossed = 0;  ///< see Skeleton::may_hold
};

/// Candidates that are not hopeless, without most that others of them dominate (R3).
CandidateList list_candidates(const Frame& frame, const ListRequest& request,
                              const Hopeless& hopeless);

/// The quantities of a candidate of the group alone; where boxes of another group may slide, their
/// `floor`.
void quantities_of(const Layout& layout, std::size_t group, const Candidate& candidate,
                   std::span<const double> floor, std::vector<double>& quantities);

}  // namespace tileloom::mapper::product
