#pragma once
// What no mapping with a given placement and given spatial factors can beat.
// docs/mapping_search.md, section 5.

#include <vector>

#include "tileloom/cost/objective.hpp"
#include "tileloom/cost/occupancy.hpp"
#include "tileloom/mapper/mapspace.hpp"

namespace tileloom::mapper {

/// The spatial choices made so far.
struct SpatialChoice {
  std::vector<std::int64_t> factors;  ///< [axis · ranks + rank], 1 where undecided
  std::vector<std::int64_t> room;     ///< per axis: how many times more positions may still be used
  bool operator==(const SpatialChoice&) const = default;
};

/// One operand and the memories that keep it, as the bound sees them.
struct BoundOperand {
  TensorId tensor{};
  bool output = false;
  double used = 0;                              ///< distinct elements used, at least
  double hull = 0;                              ///< elements of the home's box
  double uses = 0;                              ///< points that use an element
  double bits = 0;                              ///< of one element, at least
  std::vector<bool> relevant;                   ///< by rank
  std::vector<std::vector<std::size_t>> joint;  ///< ranks that share an axis of the operand
  std::vector<MemoryId> chain;                  ///< memories that keep it, outermost first
  std::vector<double> hops;                     ///< energy per bit delivered below each of them
};

/// What is known exactly once the outer temporal slots are decided: all counts between Stores down
/// to those in memory `until` (docs/cost_model.md section 2: they depend on the loops above only).
struct Decided {
  const cost::PathCounts& counts;
  const std::vector<cost::StoreWidth>& widths;
  MemoryId until{};
};

class NodeBound {
 public:
  NodeBound(const MapSpace& space, const std::vector<std::uint32_t>& keeps,
            const cost::Objective& objective);
  /// A score that no mapping with this placement and these choices beats, rounded down by 1e-12.
  /// `decided` may be null.
  cost::Score operator()(const SpatialChoice& choice, const Decided* decided = nullptr) const;

 private:
  /// Π over the ranks of ⌈extent / positions⌉: a step does no more than one point per position. 1
  /// while positions are undecided.
  double least_steps(const SpatialChoice& choice) const;

  const MapSpace& space_;
  cost::Objective objective_;
  std::vector<AxisId> axes_;  ///< of the axis slots, in path order
  std::vector<BoundOperand> operands_;
  double points_ = 1;
  double compute_energy_ = 0;
  bool tensors_differ_ = true;  ///< else counts of equal tensors cannot be told apart
};

}  // namespace tileloom::mapper
