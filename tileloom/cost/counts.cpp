#include "tileloom/cost/counts.hpp"

#include <algorithm>

#include "tileloom/cost/chain.hpp"
#include "tileloom/cost/traffic.hpp"
#include "tileloom/loop_tree/path_loops.hpp"
#include "tileloom/support/checked.hpp"

namespace tileloom::cost {
namespace {

/// Counts the Stores of one operand along the path.
class OperandCounter {
 public:
  OperandCounter(const Operator& op, const Architecture& arch, std::span<const PathNode> path,
                 const Operand& operand)
      : op_(op), arch_(arch), path_(path), operand_(operand) {
    for (std::size_t i = 0; i < path.size(); ++i) {
      const Store* store = std::get_if<Store>(&path[i]);
      if (store != nullptr && store->tensor == operand.tensor) positions_.push_back(i);
    }
  }

  const std::vector<std::size_t>& positions() const { return positions_; }

  std::vector<StoreCounts> count() const {
    std::vector<StoreCounts> counts(positions_.size());
    std::vector<std::int64_t> entries(positions_.size());
    for (std::size_t s = 0; s < positions_.size(); ++s) {
      counts[s].store = std::get<Store>(path_[positions_[s]]);
      counts[s].role = operand_.role;
      counts[s].instances = instances_in_use(positions_[s]);
      if (s == 0) counts[0].tile = entries[0] = buffer_traffic(home(), Sharing::all).tile;
    }
    for (std::size_t s = 0; s < positions_.size(); ++s) {
      if (operand_.role == Role::output) {
        count_output(s, counts, entries);
      } else {
        count_input(s, counts);
      }
    }
    return counts;
  }

 private:
  Boundary home() const { return {op_, arch_, path_, operand_, std::nullopt, positions_[0]}; }
  Boundary below(std::size_t s) const {
    const bool innermost = s + 1 == positions_.size();
    return {op_,      arch_,         path_,
            operand_, positions_[s], innermost ? path_.size() : positions_[s + 1]};
  }

  /// docs/cost_model.md 1.3
  void count_input(std::size_t s, std::vector<StoreCounts>& counts) const {
    const bool innermost = s + 1 == positions_.size();
    const Traffic traffic = innermost ? lane_traffic(below(s), Sharing::multicast)
                                      : buffer_traffic(below(s), Sharing::multicast);
    counts[s].reads = traffic.entering;
    counts[s].deliveries = traffic.entering_each;
    if (innermost) return;
    counts[s + 1].fills = traffic.entering_each;
    counts[s + 1].tile = traffic.tile;
  }

  /// docs/cost_model.md 1.4. (C5): returns = distinct entries of the children − entries of this
  /// buffer; update reads = updates − (entries here − returns here).
  void count_output(std::size_t s, std::vector<StoreCounts>& counts,
                    std::vector<std::int64_t>& entries) const {
    const bool innermost = s + 1 == positions_.size();
    if (innermost) {
      const Traffic traffic = lane_traffic(below(s), Sharing::reduce);
      counts[s].updates = traffic.entering;
      counts[s].deliveries = traffic.entering_each;
    } else {
      const Traffic traffic = buffer_traffic(below(s), Sharing::all);
      counts[s].updates = buffer_traffic(below(s), Sharing::reduce).leaving;
      entries[s + 1] = traffic.entering_each;
      counts[s + 1].tile = traffic.tile;
      counts[s + 1].fills = traffic.entering - entries[s];
      counts[s + 1].drains = traffic.entering_each;
      counts[s].deliveries = checked_add(counts[s + 1].fills, counts[s + 1].drains);
    }
    counts[s].update_reads = counts[s].updates - (entries[s] - counts[s].fills);
  }

  std::int64_t instances_in_use(std::size_t store) const {
    std::int64_t product = 1;
    for (const PathLoop& at : path_loops(op_, path_.first(store))) {
      const bool own = is_spatial_loop_of(arch_, path_, at.loop, at.position, store);
      if (own) product = checked_mul(product, at.trips);
    }
    return product;
  }

  const Operator& op_;
  const Architecture& arch_;
  std::span<const PathNode> path_;
  const Operand& operand_;
  std::vector<std::size_t> positions_;
};

}  // namespace

PathCounts count_path(const Operator& op, const Architecture& arch,
                      std::span<const PathNode> path) {
  PathCounts counts;
  std::vector<std::pair<std::size_t, StoreCounts>> found;
  for (const Operand* operand : operands(op)) {
    const OperandCounter counter(op, arch, path, *operand);
    const std::vector<StoreCounts> stores = counter.count();
    for (std::size_t s = 0; s < stores.size(); ++s)
      found.emplace_back(counter.positions()[s], stores[s]);
  }
  std::ranges::sort(found, {}, &std::pair<std::size_t, StoreCounts>::first);
  for (auto& [position, store] : found) counts.stores.push_back(std::move(store));

  counts.points = points(op);
  counts.steps = 1;
  for (std::size_t r = 0; r < op.ranks.size(); ++r) {
    Chain chain{op.ranks[r].extent, {}};
    for (const PathNode& node : path) {
      const Loop* loop = std::get_if<Loop>(&node);
      if (loop == nullptr || index(loop->rank) != r) continue;
      chain.append(loop->tile, loop->axis ? LinkKind::grouped : LinkKind::temporal);
      if (loop->axis) counts.lanes = checked_mul(counts.lanes, chain.links.back().trips);
    }
    counts.steps = checked_mul(counts.steps, steps(chain));
  }
  return counts;
}

}  // namespace tileloom::cost
