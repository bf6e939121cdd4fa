#pragma once
// What a user demands of a mapping: fix, bound or forbid anything a mapper decides.

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "tileloom/loop_tree/loop_tree.hpp"

namespace tileloom::mapper {

/// least ≤ value ≤ most. Fixed if both are equal.
struct Bound {
  std::int64_t least = 1;
  std::int64_t most = std::numeric_limits<std::int64_t>::max();
  bool operator==(const Bound&) const = default;
  bool contains(std::int64_t value) const { return least <= value && value <= most; }
};

/// Where a loop stands: temporal loops belong to the innermost memory that has a Store above them
/// (largest MemoryId), spatial loops to their axis.
using Site = std::variant<MemoryId, AxisId>;

/// The trips of all loops over `rank` at `site` multiply to a number within `trips` (no loop: 1).
/// {1, 1} forbids the rank there.
struct LoopRule {
  Site site;
  std::string rank;
  Bound trips;
  bool operator==(const LoopRule&) const = default;
};

/// At every Store in `memory` the chunk of `rank` (the tile of the innermost loop over it above the
/// Store, or its extent) lies within `tile`.
struct TileRule {
  MemoryId memory{};
  std::string rank;
  Bound tile;
  bool operator==(const TileRule&) const = default;
};

/// Only `ranks` may have loops at `site`; none may if it is empty.
struct OnlyRule {
  Site site;
  std::vector<std::string> ranks;
  bool operator==(const OnlyRule&) const = default;
};

/// Tensors of this role, or the tensor of this name.
using TensorSelector = std::variant<Role, std::string>;

/// The tensor must (`stored`) or must not have a Store in `memory`. The outermost Store, its home,
/// is where the tensor is found and cannot be forbidden by a mapper's choice; a rule can.
struct StoreRule {
  MemoryId memory{};
  TensorSelector tensor;
  bool stored = true;
  bool operator==(const StoreRule&) const = default;
};

/// Temporal loops at `memory` over these ranks, as far as there are any, stand in this order,
/// outermost first, and inside (below) temporal loops there over any other rank.
struct OrderRule {
  MemoryId memory{};
  std::vector<std::string> ranks;
  bool operator==(const OrderRule&) const = default;
};

/// Rules on ranks or tensors that an operator does not have do not concern it.
struct Constraints {
  std::vector<LoopRule> loops;
  std::vector<TileRule> tiles;
  std::vector<OnlyRule> only;
  std::vector<StoreRule> stores;
  std::vector<OrderRule> orders;
  bool operator==(const Constraints&) const = default;
  bool empty() const {
    return loops.empty() && tiles.empty() && only.empty() && stores.empty() && orders.empty();
  }
};

/// Every tensor is stored wherever the machine allows it.
Constraints stores_everywhere(const Architecture& arch);

/// What a mapper may do, all rules on the same thing taken together (intersection of bounds).
/// A bound with least > most means that nothing is allowed.
Bound trips_bound(const Constraints& constraints, const Site& site, const std::string& rank);
Bound tile_bound(const Constraints& constraints, MemoryId memory, const std::string& rank);
/// True: must have a Store in `memory`, false: must not, absent: the mapper decides. If rules
/// contradict each other, the last one holds (the checker below then reports the others).
std::optional<bool> store_rule(const Constraints& constraints, MemoryId memory, Role role,
                               const std::string& tensor);

/// Every rule that the path of an operator breaks, as a sentence with its numbers; empty = obeyed.
std::vector<std::string> broken_rules(const Constraints& constraints, const Workload& workload,
                                      const Architecture& arch, OperatorId op,
                                      const std::vector<PathNode>& path);

}  // namespace tileloom::mapper
