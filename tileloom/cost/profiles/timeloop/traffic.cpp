#include "tileloom/cost/profiles/timeloop/traffic.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include "tileloom/support/checked.hpp"

namespace tileloom::cost::timeloop {
namespace {

using Group = std::vector<std::size_t>;  ///< numbers of children with equal offsets

std::vector<Group> group_by_offset(const Fanout& fanout, const Group& children) {
  std::map<Vector, Group> by_offset;
  for (const std::size_t child : children) by_offset[fanout.offsets[child]].push_back(child);
  std::vector<Group> groups;
  groups.reserve(by_offset.size());
  for (auto& [offset, group] : by_offset) groups.push_back(std::move(group));
  return groups;
}

/// Hops of one multicast injected at the left, in the middle of the height (V − 1)/2: along the row
/// to the furthest column used, then up and down every column used to its outermost members.
/// Quirk: a level that feeds a single child is taken to have no mesh at all.
double hops(const Fanout& fanout, const Group& group) {
  if (fanout.offsets.size() == 1) return 0;
  std::map<std::int64_t, std::pair<std::int64_t, std::int64_t>> columns;  // x → lowest, highest y
  for (const std::size_t child : group) {
    const Mesh at = position(fanout, child);
    const auto [column, fresh] = columns.try_emplace(at.x, at.y, at.y);
    if (fresh) continue;
    column->second.first = std::min(column->second.first, at.y);
    column->second.second = std::max(column->second.second, at.y);
  }
  const double centre = static_cast<double>(fanout.height - 1) / 2;
  double total = static_cast<double>(columns.rbegin()->first);
  for (const auto& [x, reach] : columns)
    total += std::max(0.0, centre - static_cast<double>(reach.first)) +
             std::max(0.0, static_cast<double>(reach.second) - centre);
  return total;
}

/// A way of serving the children in one step.
struct Service {
  std::vector<Group> groups;  ///< served by the parent
  std::int64_t linked = 0;    ///< children served by a neighbour
};

/// Whether a neighbour at displacement `apart` had, in the previous step, the very words that the
/// step's tile needs: same shape, and previous tile + apart = this tile.
bool passed_on(const Step& step, const Vector& child, const Vector& neighbour) {
  if (step.previous != step.now) return false;
  for (std::size_t r = 0; r < child.size(); ++r)
    if (neighbour[r] - child[r] != step.move[r]) return false;
  return true;
}

Service serve_with_links(const Step& step, const Fanout& fanout) {
  Group remaining;
  for (std::size_t child = 0; child < fanout.offsets.size(); ++child) {
    const std::vector<std::size_t> near = neighbours(fanout, child);
    const bool linked = std::any_of(near.begin(), near.end(), [&](std::size_t other) {
      return passed_on(step, fanout.offsets[child], fanout.offsets[other]);
    });
    if (!linked) remaining.push_back(child);
  }
  Service service;
  service.linked = static_cast<std::int64_t>(fanout.offsets.size() - remaining.size());
  service.groups = group_by_offset(fanout, remaining);
  return service;
}

class Ledger {
 public:
  void add(const Service& service, const Fanout& fanout, std::int64_t words) {
    std::map<std::int64_t, std::pair<std::int64_t, double>> degrees;  // m → groups, hops
    for (const Group& group : service.groups) {
      auto& [count, total_hops] = degrees[static_cast<std::int64_t>(group.size())];
      ++count;
      total_hops += hops(fanout, group);
    }
    for (const auto& [degree, sums] : degrees) {
      Record& record = records_[{degree, sums.first}];
      record.multicast = degree;
      record.scatter = sums.first;
      record.words += static_cast<double>(checked_mul(words, sums.first));
      record.word_hops += static_cast<double>(words) * sums.second;
    }
    link_words_ = checked_add(link_words_, checked_mul(words, service.linked));
  }

  Traffic close() const {
    Traffic traffic;
    for (const auto& [key, record] : records_) traffic.records.push_back(record);
    traffic.link_words = link_words_;
    return traffic;
  }

 private:
  std::map<std::pair<std::int64_t, std::int64_t>, Record> records_;
  std::int64_t link_words_ = 0;
};

/// Temporal loops of the levels ≥ s, outer to inner, as displacements of the child's tile.
std::vector<TileLoop> loops_above(const Problem& problem, const Mapping& mapping, SpaceId space,
                                  std::size_t s) {
  Extents stride = extents_within(problem, mapping, s);
  std::vector<TileLoop> inner_first;
  const auto advance = [&](const std::vector<Factor>& factors, bool temporal) {
    for (auto loop = factors.rbegin(); loop != factors.rend(); ++loop) {
      if (loop->count == 1) continue;
      if (temporal)
        inner_first.push_back(
            {displacement(problem.spaces[space], loop->dim, stride[loop->dim]), loop->count});
      stride[loop->dim] = checked_mul(stride[loop->dim], loop->count);
    }
  };
  for (std::size_t level = s; level < mapping.levels.size(); ++level) {
    advance(mapping.levels[level].spatial_x, false);
    advance(mapping.levels[level].spatial_y, false);
    advance(mapping.levels[level].temporal, true);
  }
  return {inner_first.rbegin(), inner_first.rend()};
}

}  // namespace

double parent_words(const Traffic& traffic) {
  double words = 0;
  for (const Record& record : traffic.records) words += record.words;
  return words;
}

double child_words(const Traffic& traffic) {
  double words = 0;
  for (const Record& record : traffic.records)
    words += record.words * static_cast<double>(record.multicast);
  return words;
}

Traffic spread(const StepCounts& steps, const Vector& tile, const Fanout& fanout,
               bool link_transfers) {
  Group all(fanout.offsets.size());
  for (std::size_t child = 0; child < all.size(); ++child) all[child] = child;
  const Service plain{group_by_offset(fanout, all), 0};
  Ledger ledger;
  for (const auto& [step, count] : steps) {
    const std::int64_t moved = checked_mul(words(step.now, tile), count);
    if (link_transfers && step.previous.kind != DeltaKind::empty) {
      const Service linked = serve_with_links(step, fanout);
      if (linked.groups.size() < plain.groups.size()) {
        ledger.add(linked, fanout, moved);
        continue;
      }
    }
    ledger.add(plain, fanout, moved);
  }
  return ledger.close();
}

Traffic traffic_below(const Arch& arch, const Problem& problem, const Mapping& mapping,
                      SpaceId space, std::size_t s, const TrafficRules& rules) {
  const Vector tile = box_lengths(problem.spaces[space], extents_within(problem, mapping, s));
  const WalkRules walk_rules{rules.extrapolate, s == 0};
  const StepCounts steps = walk(loops_above(problem, mapping, space, s), tile, walk_rules);
  return spread(steps, tile, fanout_for(arch, problem, mapping, space, s), rules.link_transfers);
}

}  // namespace tileloom::cost::timeloop
