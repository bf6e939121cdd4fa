#pragma once
// The stacks of DeFiNES' model, each with a tile and an overlap mode of its own.

#include <memory>
#include <optional>
#include <vector>

#include "tileloom/scheduler/defines/exploration.hpp"

namespace tileloom::scheduler::exact {

/// Nodes first … last of a network in topological order, run as one stack.
struct NodeRange {
  std::size_t first = 0;
  std::size_t last = 0;
  bool operator==(const NodeRange&) const = default;
};

/// Every stack that DeFiNES' model can run and add up, and its cost there.
class JointSpace {
 public:
  JointSpace(defines::Network network, defines::Machine machine, const defines::Options& options);

  std::size_t nodes() const { return graph_.nodes.size(); }
  const defines::Graph& graph() const { return graph_; }

  /// Neighbours in topological order of which only the last is read from outside: what else a later
  /// stack reads would have to be written to the top memory, which the model does not count.
  const std::vector<NodeRange>& ranges() const { return ranges_; }

  /// The stack of a range: what an earlier stack made, it reads from the top memory.
  defines::Graph stack(const NodeRange& range) const;

  /// Its cost at a point; absent if the point is infeasible. May be called from several threads.
  std::optional<defines::Totals> cost(const defines::Graph& stack,
                                      const defines::Point& point) const;

  /// Layer-tiles mapped so far.
  std::size_t solved() const { return costs_.solved(); }

 private:
  defines::Network network_;
  defines::Machine machine_;
  defines::Options options_;
  defines::Hierarchy hierarchy_;
  defines::Graph graph_;
  std::vector<NodeRange> ranges_;
  mutable defines::LayerCosts costs_;  // a memo: its answers do not depend on who asked before
};

}  // namespace tileloom::scheduler::exact
