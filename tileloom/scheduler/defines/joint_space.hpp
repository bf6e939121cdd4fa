#pragma once
// The stacks of DeFiNES' model, each with a tile and an overlap mode of its own.

#include <memory>
#include <optional>
#include <vector>

#include "tileloom/scheduler/defines/exploration.hpp"

namespace tileloom::scheduler::defines {

/// Nodes first … last of a network in topological order, run as one stack.
struct NodeRange {
  std::size_t first = 0;
  std::size_t last = 0;
  bool operator==(const NodeRange&) const = default;
};

/// Every stack that DeFiNES' model can run and add up, and its cost there.
class JointSpace {
 public:
  JointSpace(Network network, Machine machine, const Options& options);

  std::size_t nodes() const { return graph().nodes.size(); }
  const Graph& graph() const { return exploration_.graph(); }

  /// Neighbours in topological order of which only the last is read from outside: what else a later
  /// stack reads would have to be written to the top memory, which the model does not count.
  const std::vector<NodeRange>& ranges() const { return ranges_; }

  /// The stack of a range: what an earlier stack made, it reads from the top memory.
  Graph stack(const NodeRange& range) const;

  /// Its cost at a point; absent if the point is infeasible. May be called from several threads.
  std::optional<Totals> cost(const Graph& stack, const Point& point) const;

  /// Layer-tiles mapped so far.
  std::size_t solved() const { return exploration_.costs().solved(); }

 private:
  Exploration exploration_;
  std::vector<NodeRange> ranges_;
};

}  // namespace tileloom::scheduler::defines
