#pragma once
// Where the network is cut into stacks. README.md of the reference, 2.3.

#include <vector>

#include "tileloom/scheduler/defines/hierarchy.hpp"
#include "tileloom/scheduler/defines/graph.hpp"

namespace tileloom::scheduler::defines {

/// Maximal series-parallel pieces in topological order: a residual block is not divided. A unit
/// closes when the branch counter, br −= indegree − 1 before and br += outdegree − 1 after a node,
/// is 1 in between.
std::vector<std::vector<NodeId>> units(const Graph& graph);

/// What the weights of a stack may take: the level below the weights' top memory.
struct Threshold {
  MemoryIndex memory{};
  Bits size;  ///< of one instance (as published, defect 2) or of all
};
Threshold weight_threshold(const Machine& machine, const Repairs& repairs);

/// Ids of the layers after which to cut, greedily: a unit whose weights alone exceed the threshold
/// is cut before and after each of its layers; a unit that no longer fits begins a new stack.
std::vector<std::int64_t> automatic_cuts(const Graph& graph, const Threshold& threshold);

/// The cuts of a depth: none, after every layer, the automatic ones, or those given.
std::vector<std::int64_t> cuts_of(const Depth& depth, const Graph& graph, const Machine& machine,
                                  const Repairs& repairs);

}  // namespace tileloom::scheduler::defines
