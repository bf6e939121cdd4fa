#include "tileloom/mapper/constraints.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "tileloom/support/checked.hpp"

namespace tileloom::mapper {
namespace {

Bound intersection(const Bound& a, const Bound& b) {
  return {std::max(a.least, b.least), std::min(a.most, b.most)};
}

bool contains(const std::vector<std::string>& names, const std::string& name) {
  return std::ranges::find(names, name) != names.end();
}

bool selects(const TensorSelector& selector, Role role, const std::string& tensor) {
  if (const Role* chosen = std::get_if<Role>(&selector)) return *chosen == role;
  return std::get<std::string>(selector) == tensor;
}

std::string to_string(const Bound& bound) {
  if (bound.least == bound.most) return fmt::format("{}", bound.least);
  if (bound.most == Bound{}.most) return fmt::format("at least {}", bound.least);
  return fmt::format("{} to {}", bound.least, bound.most);
}

/// One loop of the path with what the rules speak about.
struct PlacedLoop {
  Site site;
  std::string rank;
  std::int64_t trips = 1;
};

struct PlacedStore {
  Store store;
  std::vector<std::int64_t> chunks;  ///< by rank
};

/// The path as the rules see it.
struct View {
  std::vector<PlacedLoop> loops;  ///< outermost first
  std::vector<PlacedStore> stores;
};

View view(const Operator& op, const std::vector<PathNode>& path) {
  View view;
  std::vector<std::int64_t> chunks;
  for (const Rank& rank : op.ranks) chunks.push_back(rank.extent);
  MemoryId innermost{0};
  for (const PathNode& node : path) {
    if (const Store* store = std::get_if<Store>(&node)) {
      innermost = std::max(innermost, store->memory);
      view.stores.push_back({*store, chunks});
      continue;
    }
    const Loop& loop = std::get<Loop>(node);
    std::int64_t& chunk = chunks[index(loop.rank)];
    const Site site = loop.axis ? Site(*loop.axis) : Site(innermost);
    view.loops.push_back({site, op.rank(loop.rank).name, ceil_div(chunk, loop.tile)});
    chunk = std::min(chunk, loop.tile);
  }
  return view;
}

/// Checks the rules one kind after the other.
class Judge {
 public:
  Judge(const Constraints& constraints, const Workload& workload, const Architecture& arch,
        OperatorId op, const std::vector<PathNode>& path)
      : constraints_(constraints),
        workload_(workload),
        arch_(arch),
        op_(workload.operators[op]),
        view_(view(op_, path)) {}

  std::vector<std::string> run() {
    for (const LoopRule& rule : constraints_.loops) check_loop(rule);
    for (const TileRule& rule : constraints_.tiles) check_tile(rule);
    for (const OnlyRule& rule : constraints_.only) check_only(rule);
    for (const StoreRule& rule : constraints_.stores) check_store(rule);
    for (const OrderRule& rule : constraints_.orders) check_order(rule);
    return std::move(broken_);
  }

 private:
  std::string name(const Site& site) const {
    if (const MemoryId* memory = std::get_if<MemoryId>(&site)) return arch_.memories[*memory].name;
    return arch_.axes[std::get<AxisId>(site)].name;
  }
  bool has_rank(const std::string& rank) const {
    return std::ranges::any_of(op_.ranks, [&](const Rank& r) { return r.name == rank; });
  }

  void check_loop(const LoopRule& rule) {
    std::int64_t trips = 1;
    for (const PlacedLoop& loop : view_.loops) {
      if (loop.site == rule.site && loop.rank == rule.rank) trips = checked_mul(trips, loop.trips);
    }
    if (!has_rank(rule.rank) || rule.trips.contains(trips)) return;
    broken_.push_back(fmt::format("{} has {} trips of {}, the constraint says {}", name(rule.site),
                                  trips, rule.rank, to_string(rule.trips)));
  }

  void check_tile(const TileRule& rule) {
    for (std::size_t r = 0; r < op_.ranks.size(); ++r) {
      if (op_.ranks[r].name != rule.rank) continue;
      for (const PlacedStore& placed : view_.stores) {
        const std::int64_t chunk = placed.chunks[r];
        if (placed.store.memory != rule.memory || rule.tile.contains(chunk)) continue;
        broken_.push_back(fmt::format("the tile of {} in {} is {}, the constraint says {}",
                                      rule.rank, name(rule.memory), chunk, to_string(rule.tile)));
        break;
      }
    }
  }

  void check_only(const OnlyRule& rule) {
    for (const PlacedLoop& loop : view_.loops) {
      if (loop.site != rule.site || loop.trips == 1 || contains(rule.ranks, loop.rank)) continue;
      broken_.push_back(fmt::format("{} has a loop over {}, the constraint allows only [{}]",
                                    name(rule.site), loop.rank, fmt::join(rule.ranks, ", ")));
    }
  }

  void check_store(const StoreRule& rule) {
    for (const Operand* operand : operands(op_)) {
      const std::string& tensor = workload_.tensors[operand->tensor].name;
      if (!selects(rule.tensor, operand->role, tensor)) continue;
      const bool stored = std::ranges::any_of(view_.stores, [&](const PlacedStore& placed) {
        return placed.store.memory == rule.memory && placed.store.tensor == operand->tensor;
      });
      if (stored == rule.stored) continue;
      broken_.push_back(fmt::format("{} is {}stored in {}, the constraint says it must{} be",
                                    tensor, stored ? "" : "not ", name(rule.memory),
                                    rule.stored ? "" : " not"));
    }
  }

  void check_order(const OrderRule& rule) {
    // Rank of a loop in the demanded order; other ranks come first.
    const auto position = [&](const std::string& rank) {
      const auto found = std::ranges::find(rule.ranks, rank);
      return found == rule.ranks.end() ? 0 : 1 + (found - rule.ranks.begin());
    };
    const PlacedLoop* previous = nullptr;
    for (const PlacedLoop& loop : view_.loops) {
      if (loop.site != Site(rule.memory) || loop.trips == 1) continue;
      if (previous != nullptr && position(previous->rank) > position(loop.rank)) {
        broken_.push_back(
            fmt::format("in {} the loop over {} stands outside {}, the constraint "
                        "says the innermost are [{}]",
                        name(rule.memory), previous->rank, loop.rank, fmt::join(rule.ranks, ", ")));
        return;
      }
      previous = &loop;
    }
  }

  const Constraints& constraints_;
  const Workload& workload_;
  const Architecture& arch_;
  const Operator& op_;
  View view_;
  std::vector<std::string> broken_;
};

}  // namespace

Bound trips_bound(const Constraints& constraints, const Site& site, const std::string& rank) {
  Bound bound;
  for (const LoopRule& rule : constraints.loops) {
    if (rule.site == site && rule.rank == rank) bound = intersection(bound, rule.trips);
  }
  for (const OnlyRule& rule : constraints.only) {
    if (rule.site == site && !contains(rule.ranks, rank)) bound = intersection(bound, {1, 1});
  }
  return bound;
}

Bound tile_bound(const Constraints& constraints, MemoryId memory, const std::string& rank) {
  Bound bound;
  for (const TileRule& rule : constraints.tiles) {
    if (rule.memory == memory && rule.rank == rank) bound = intersection(bound, rule.tile);
  }
  return bound;
}

std::optional<bool> store_rule(const Constraints& constraints, MemoryId memory, Role role,
                               const std::string& tensor) {
  std::optional<bool> stored;
  for (const StoreRule& rule : constraints.stores) {
    if (rule.memory == memory && selects(rule.tensor, role, tensor)) stored = rule.stored;
  }
  return stored;
}

std::vector<std::string> broken_rules(const Constraints& constraints, const Workload& workload,
                                      const Architecture& arch, OperatorId op,
                                      const std::vector<PathNode>& path) {
  return Judge(constraints, workload, arch, op, path).run();
}

Constraints stores_everywhere(const Architecture& arch) {
  Constraints constraints;
  for (const MemoryId memory : ids<MemoryId>(arch.memories.size())) {
    for (const Role role : {Role::input, Role::weight, Role::output}) {
      if (!arch.memories[memory].holds[static_cast<std::size_t>(role)]) continue;
      constraints.stores.push_back({memory, role, true});
    }
  }
  return constraints;
}

}  // namespace tileloom::mapper
