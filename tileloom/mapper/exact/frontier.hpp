#pragma once
// The outer search tree: placement, then the factors of every rank along every axis, the most
// promising first. docs/mapping_search.md, section 5.

#include <cstdint>
#include <queue>
#include <vector>

#include "tileloom/mapper/exact/bound.hpp"
#include "tileloom/mapper/exact/factors.hpp"

namespace tileloom::mapper {

/// Best-first search over placements and spatial factors. Nodes come out in the order of their
/// bounds, so the bound of the next one holds for everything that has not come out yet.
class Frontier {
 public:
  Frontier(const MapSpace& space, Factors factors, const cost::Objective& objective);

  struct Node {
    cost::Score bound;
    std::size_t placement = 0;
    SpatialChoice choice;
  };
  bool empty() const { return queue_.empty(); }
  /// Bound of everything still inside; only if not empty.
  const cost::Score& bound() const { return queue_.top().bound; }
  /// Takes the most promising node out. If it is complete it is returned, else its children are put
  /// in and nothing is returned.
  std::optional<Node> advance();
  std::int64_t bounded() const { return bounded_; }  ///< bounds computed so far
  std::size_t size() const { return queue_.size(); }

  const std::vector<std::uint32_t>& keeps(std::size_t placement) const {
    return placements_[placement];
  }
  const NodeBound& bound_of(std::size_t placement) const { return bounds_[placement]; }

 private:
  struct Entry {
    cost::Score bound;
    std::size_t placement = 0;
    std::size_t depth = 0;  ///< decided (axis, rank) pairs
    std::int64_t number = 0;
    SpatialChoice choice;
  };
  struct Later {
    bool operator()(const Entry& a, const Entry& b) const;
  };
  void push(std::size_t placement, std::size_t depth, SpatialChoice choice,
            const cost::Score& at_least);
  void branch(const Entry& entry);

  const MapSpace& space_;
  Factors factors_;
  std::vector<std::size_t> axis_slots_;
  std::vector<std::vector<std::uint32_t>> placements_;
  std::vector<NodeBound> bounds_;  ///< per placement
  std::priority_queue<Entry, std::vector<Entry>, Later> queue_;
  std::int64_t bounded_ = 0;
};

/// The point of a complete node with all other factors as far out as the constraints let them;
/// absent if the constraints leave none.
std::optional<Point> start_point(const MapSpace& space, Factors factors,
                                 const std::vector<std::uint32_t>& keeps, const SpatialChoice& choice);

}  // namespace tileloom::mapper
