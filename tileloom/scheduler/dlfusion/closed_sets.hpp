#pragma once
// Sets of units that contain what their units need: the states between two blocks.

#include <optional>
#include <vector>

#include "tileloom/scheduler/dlfusion/units.hpp"

namespace tileloom::scheduler {

/// All of them, smallest first, from the empty one to the whole graph; absent if they are more than
/// `most`.
std::optional<std::vector<UnitSet>> closed_sets(const UnitGraph& units, std::size_t most);

/// Those that are beginnings of the execution order.
std::vector<UnitSet> beginnings(const UnitGraph& units);

/// The units of `done` that `before` lacks; empty if it has others.
UnitSet block_between(const UnitSet& before, const UnitSet& done);

}  // namespace tileloom::scheduler
