#pragma once
// What a block is made of: an operator with the elementwise operators that only finish its result.

#include <cstdint>
#include <vector>

#include "tileloom/workload/receptive_field.hpp"

namespace tileloom::scheduler {

enum class UnitId : std::uint32_t {};

/// A convolution with its residual addition, a product with its activation. Every strategy, "none"
/// too, runs whole units.
struct Unit {
  std::vector<OperatorId> operators;
  std::vector<UnitId> before;  ///< units whose results it reads
  std::vector<UnitId> after;   ///< units that read its results
};

/// Units in an execution order: producers stand before consumers.
using UnitGraph = PerId<UnitId, Unit>;

/// An operator without a reduction joins the unit of its latest producer if nothing else reads what
/// it takes from there. Such a unit is convex: no path leaves it and comes back.
UnitGraph make_units(const Workload& workload);

/// A set of units, one bit each.
using UnitSet = std::vector<std::uint64_t>;
UnitSet empty_set(const UnitGraph& graph);
bool contains(const UnitSet& set, UnitId id);
void insert(UnitSet& set, UnitId id);
void erase(UnitSet& set, UnitId id);
std::vector<UnitId> members(const UnitSet& set);

/// The block of these units.
Block block_of(const Workload& workload, const UnitGraph& graph, const std::vector<UnitId>& units);

}  // namespace tileloom::scheduler
