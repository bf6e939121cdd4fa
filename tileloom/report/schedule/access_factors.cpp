#include "tileloom/report/schedule/access_factors.hpp"

#include <fmt/format.h>

#include <array>

#include "tileloom/report/format.hpp"
#include "tileloom/support/checked.hpp"

namespace tileloom::report {
namespace {

struct Kind {
  const char* name;
  std::int64_t cost::StoreCounts::*count;
  bool own;  ///< caused by the loops above the Store itself, not above its child
};

constexpr std::array<Kind, 5> kKinds{{{"fills", &cost::StoreCounts::fills, true},
                                      {"reads", &cost::StoreCounts::reads, false},
                                      {"updates", &cost::StoreCounts::updates, false},
                                      {"update reads", &cost::StoreCounts::update_reads, false},
                                      {"drains", &cost::StoreCounts::drains, true}}};

const Operand& operand_of(const Operator& op, TensorId tensor) {
  for (const Operand& input : op.inputs) {
    if (input.tensor == tensor) return input;
  }
  return op.output;
}

/// The Store's place in the path and that of its next inner Store (or the lanes).
struct Place {
  std::size_t store = 0;
  std::size_t child = 0;
};

Place place_of(std::span<const PathNode> path, std::size_t store_index) {
  Place place{path.size(), path.size()};
  std::size_t seen = 0;
  for (std::size_t i = 0; i < path.size(); ++i) {
    const Store* store = std::get_if<Store>(&path[i]);
    if (store == nullptr) continue;
    if (place.store == path.size()) {
      if (seen++ == store_index) place.store = i;
    } else if (store->tensor == std::get<Store>(path[place.store]).tensor) {
      place.child = i;
      break;
    }
  }
  return place;
}

/// A loop of the path, and the counts of the whole operator cut down to the loop's first trip.
struct CutLoop {
  std::size_t position = 0;
  std::int64_t trips = 1;
  std::int64_t enclosing = 1;
  std::vector<cost::StoreCounts> inside;  ///< by Store
};

/// Counts of every Store with no loop cut, then with the outermost 1, 2, … loops cut to one trip.
struct Cuts {
  std::vector<cost::StoreCounts> whole;
  std::vector<CutLoop> loops;
};

Cuts cut_down(const Operator& whole, const Architecture& arch, std::span<const PathNode> path) {
  Operator op = whole;
  std::vector<PathNode> rest(path.begin(), path.end());
  Cuts cuts{cost::count_path(op, arch, rest).stores, {}};
  std::size_t removed = 0;
  for (std::size_t i = 0; i < path.size(); ++i) {
    const Loop* loop = std::get_if<Loop>(&path[i]);
    if (loop == nullptr) continue;
    std::int64_t& extent = op.ranks[index(loop->rank)].extent;
    CutLoop cut{i, ceil_div(extent, loop->tile), extent, {}};
    extent = loop->tile;
    rest.erase(rest.begin() + static_cast<std::ptrdiff_t>(i - removed));
    ++removed;
    cut.inside = cost::count_path(op, arch, rest).stores;
    cuts.loops.push_back(std::move(cut));
  }
  return cuts;
}

/// What a reason depends on.
struct Case {
  const Architecture& arch;
  const Operand& operand;
  const Loop& loop;
  const LoopFactor& factor;
  bool partial = false;      ///< the last trip is
  bool above_store = false;  ///< the loop stands above the Store
  bool output = false;
  std::string tensor;
};

std::string uneven_reason(const Case& c) {
  if (c.partial && c.loop.axis) return "the last position has less to do";
  if (c.partial) return "the last trip is partial, or shares elements that stay";
  if (c.loop.axis) return "positions share elements that one access serves";
  return "elements that neighbouring trips share stay; the edges may be padding";
}

std::string spatial_reason(const Case& c) {
  const std::string& axis = c.arch.axes[*c.loop.axis].name;
  const bool same = c.factor.outside == c.factor.inside;
  const bool full = c.factor.outside == c.factor.trips * c.factor.inside;
  const bool depends = relevant(c.operand, c.loop.rank);
  if (same && !depends) {
    return c.output ? fmt::format("free: the sums of the {} positions of {} are added on the way",
                                  c.factor.trips, axis)
                    : fmt::format("free: one access serves all {} positions of {} (multicast)",
                                  c.factor.trips, axis);
  }
  if (same) return "free: the positions share every element";
  if (full && depends) {
    return fmt::format("each position of {} has its own part of {}", axis, c.tensor);
  }
  if (full) {
    return c.above_store ? fmt::format("each position of {} has its own copy of {}", axis, c.tensor)
                         : fmt::format("each position of {} makes its own access", axis);
  }
  return uneven_reason(c);
}

std::string temporal_reason(const Case& c) {
  const bool same = c.factor.outside == c.factor.inside;
  const bool full = c.factor.outside == c.factor.trips * c.factor.inside;
  if (relevant(c.operand, c.loop.rank)) {
    if (full) return fmt::format("each trip needs another part of {}", c.tensor);
    if (same) return fmt::format("free: every trip needs the same part of {}", c.tensor);
    return uneven_reason(c);
  }
  if (same) return fmt::format("free: {} does not move here and stays", c.tensor);
  if (full) return fmt::format("{} comes again in each trip", c.tensor);
  return c.output ? "the first visit finds no partial sum"
                  : fmt::format("part of {} stays from trip to trip", c.tensor);
}

std::string reason_of(const Case& c) {
  if (c.factor.inside == 0) return "the count starts here: the first trip alone has none";
  return c.loop.axis ? spatial_reason(c) : temporal_reason(c);
}

std::vector<AccessFactors> factors_of_store(const Workload& workload, const Operator& op,
                                            const Architecture& arch,
                                            std::span<const PathNode> path, const Cuts& cuts,
                                            std::size_t store) {
  const Place place = place_of(path, store);
  const Operand& operand = operand_of(op, cuts.whole[store].store.tensor);
  const std::string tensor = printable(workload.tensors[operand.tensor].name);
  std::vector<AccessFactors> all;
  for (const Kind& kind : kKinds) {
    const std::int64_t total = cuts.whole[store].*kind.count;
    if (total == 0) continue;
    AccessFactors factors{kind.name, total, total, {}};
    for (const CutLoop& cut : cuts.loops) {
      if (cut.position > (kind.own ? place.store : place.child)) break;
      LoopFactor factor{cut.position, cut.trips, factors.innermost, cut.inside[store].*kind.count,
                        ""};
      factors.innermost = factor.inside;
      if (cut.trips == 1 && factor.inside == factor.outside) continue;
      const Loop& loop = std::get<Loop>(path[cut.position]);
      factor.reason = reason_of({arch, operand, loop, factor, cut.enclosing % loop.tile != 0,
                                 cut.position < place.store, operand.role == Role::output, tensor});
      const bool starts = factor.inside == 0;
      factors.loops.push_back(std::move(factor));
      if (starts) break;
    }
    all.push_back(std::move(factors));
  }
  return all;
}

}  // namespace

std::vector<std::vector<AccessFactors>> access_factors(const Workload& workload, OperatorId id,
                                                       const Architecture& arch,
                                                       std::span<const PathNode> path) {
  const Operator& op = workload.operators[id];
  const Cuts cuts = cut_down(op, arch, path);
  std::vector<std::vector<AccessFactors>> all;
  for (std::size_t store = 0; store < cuts.whole.size(); ++store) {
    all.push_back(factors_of_store(workload, op, arch, path, cuts, store));
  }
  return all;
}

}  // namespace tileloom::report
