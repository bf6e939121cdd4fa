#pragma once
// DeFiNES: a network cut into stacks, each stack computed tile by tile through all its layers.
// Mei, Goetschalckx, Symons, Verhelst: DeFiNES: Enabling Fast Exploration of the Depth-First
// Scheduling Space for DNN Accelerators through Analytical Modeling. HPCA 2023.

#include <map>
#include <string>
#include <variant>
#include <vector>

#include "tileloom/scheduler/defines/partition.hpp"
#include "tileloom/scheduler/defines/tile_run.hpp"

namespace tileloom::scheduler::defines {

/// Energy and time, summed over layers and copies. Nothing overlaps: latencies add up.
struct Totals {
  Picojoules energy;
  Picojoules mac_energy;
  Picojoules copy_energy;  ///< part of `energy`
  Cycles latency0;         ///< layers: compute and stall
  Cycles latency1;         ///< and their first loads, and copies: the published quantity
  Cycles latency2;         ///< and their last off-loads
  Cycles copy_latency;     ///< part of `latency1`
  Totals& operator+=(const Totals& other);
};
Totals operator*(std::int64_t count, const Totals& totals);
Totals totals_of(const NodeRun& node);

/// A stack with all its tile types run; tiles[i] is plan.types[i].
struct StackRun {
  Graph graph;
  TilePlan plan;
  std::vector<TileRun> tiles;
};
Totals totals_of(const StackRun& stack);

/// One stack at one point. `costs` remembers layer-tiles between calls.
tl::expected<StackRun, std::variant<NoRoom, NoMapping>> run_stack(
    const Machine& machine, const Hierarchy& hierarchy, const Graph& graph, const Point& point,
    const Repairs& repairs, LayerCosts& costs);

struct Schedule {
  Point point;
  std::vector<StackRun> stacks;
  Totals totals;
};

/// Nothing valid exists at a point: which stack, and the unmet condition with its numbers.
struct Infeasible {
  std::size_t stack = 0;
  std::variant<NoRoom, NoMapping> why;
};
std::string explain(const Infeasible& infeasible, const Machine& machine);

/// A network on a machine, ready to be evaluated at any point of the design space. Layer-tiles
/// solved for one point serve all others; `evaluate` may be called from several threads.
class Exploration {
 public:
  Exploration(Network network, Machine machine, Options options);

  tl::expected<Schedule, Infeasible> evaluate(const Point& point) const;
  /// One stack of the graph at a point, whether or not it is among `stacks`.
  tl::expected<StackRun, std::variant<NoRoom, NoMapping>> run(const Graph& stack,
                                                              const Point& point) const;

  const Network& network() const { return network_; }
  const Machine& machine() const { return machine_; }
  const Hierarchy& hierarchy() const { return hierarchy_; }
  const Options& options() const { return options_; }
  const Graph& graph() const { return graph_; }
  const std::vector<std::int64_t>& cuts() const { return cuts_; }
  const std::vector<Graph>& stacks() const { return stacks_; }
  const LayerCosts& costs() const { return costs_; }
  /// The largest output map of any stack: a tile at least so large is layer-by-layer.
  Extent largest_output() const;

 private:
  Network network_;
  Machine machine_;
  Options options_;
  Hierarchy hierarchy_;
  Graph graph_;
  std::vector<std::int64_t> cuts_;
  std::vector<Graph> stacks_;
  mutable LayerCosts costs_;  // a memo: its answers do not depend on who asked before
};

}  // namespace tileloom::scheduler::defines
