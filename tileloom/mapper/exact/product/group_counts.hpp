#pragma once
// What one group's trips inside make of the counts at a boundary with a child.
// docs/exact_mapper.md (S1) to (S3)

#include <cstdint>
#include <span>
#include <vector>

#include "tileloom/mapper/exact/product/chain_values.hpp"

namespace tileloom::mapper::product {

class GroupCounts {
 public:
  /// The temporal trips inside, by rank of the group.
  using Within = std::span<const std::int64_t>;
  static constexpr std::int64_t kAnyTrips = 0;

  /// The arguments outlive it.
  GroupCounts(const ChainProblem& problem, const Boundary& boundary);

  /// Positions share parts of windows.
  bool shares() const { return shares_; }
  const std::vector<std::size_t>& ranks_of(std::size_t g) const {
    return problem_.terrain.groups[g].ranks;
  }
  /// Elements of the child's box.
  double box(std::size_t g, Within within) const;
  /// Trips of ranks that are that to the tensor.
  double outside(std::size_t g, Within within, Relevance relevance) const;
  /// Elements along general axes over all chunks. `each`: positions count each for itself.
  double standing(std::size_t g, Within within, bool each) const;
  /// If a loop over the rank moves the box last, over all ways in which it may, each by itself: the
  /// least, the least if always as much stays as ever may when it falls back, and the most that may.
  struct Slid {
    double moved = 0;
    double returned = 0;
    double kept = 0;
  };
  /// Of loops of so many trips; kAnyTrips: of any.
  Slid slid(std::size_t g, Within within, bool each, std::size_t rank, std::int64_t trips) const;

 private:
  std::int64_t spread(std::size_t g, std::size_t r, std::size_t a) const {
    return problem_.choices[g]->positions(r, a);
  }
  /// Spatial trips inside the child.
  std::int64_t below(std::size_t g, std::size_t r) const {
    return problem_.choices[g]->positions_along(r, ~boundary_.own);
  }
  std::size_t place(std::size_t g, std::size_t rank) const {
    return problem_.terrain.groups[g].place_of(rank);
  }
  template <class Visit>
  void for_each_axis(std::size_t g, const Visit& visit) const;
  std::vector<std::int64_t> tiles(std::size_t g, std::size_t a, Within within) const;
  bool grouped(std::size_t g, std::size_t a) const;
  AxisTable::Arranged arranged(std::size_t g, std::size_t a, Within within) const;
  double total(std::size_t g, std::size_t a, Within within, bool each) const;
  Slid slid_axis(std::size_t g, std::size_t a, Within within, double still, std::size_t rank,
                 std::int64_t trips_of_last) const;
  Slid moved(std::size_t g, std::size_t a, const std::vector<std::int64_t>& tiles, std::size_t i,
             std::int64_t step, std::int64_t trips, std::int64_t outside, double still) const;

  const ChainProblem& problem_;
  const Boundary& boundary_;
  const OperandFacts& operand_;
  bool shares_ = false;
};

}  // namespace tileloom::mapper::product
