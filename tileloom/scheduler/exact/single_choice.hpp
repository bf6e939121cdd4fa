#pragma once
// The ways to run one operator on its own between stacks.

#include <string>
#include <vector>

#include "tileloom/scheduler/exact/stack_choice.hpp"

namespace tileloom::scheduler::exact {

/// An operator's mapping with its cost.
struct SingleChoice {
  LoopTree tree;  ///< with its homes
  /// Its homes, by their place in `StackFrames::homes`, in the memory of activations: a bit each.
  std::uint32_t inside = 0;
  std::string words;  ///< what is special about it; empty for the mapping of layer by layer
  Cycles latency{};   ///< with the dispatch
  Picojoules energy{};
  double home_bits = 0;         ///< through the outermost memory
  std::int64_t inner_bits = 0;  ///< in the memories inside it
};

/// As the layer was mapped.
SingleChoice single_choice(const NetworkProblem& problem, const Layer& layer, std::string words);

/// Per operator its mappings with inputs or results in the memory of activations, in every way that
/// its neighbours in the order of operators allow: the rules of a mapping say where a tensor has its
/// home. Equal operators are mapped once.
std::vector<std::vector<SingleChoice>> near_singles(const NetworkProblem& problem,
                                                    const mapper::Mapper& mapper,
                                                    const Budget& budget,
                                                    const StackMemories& memories,
                                                    const StackSpace& space);

}  // namespace tileloom::scheduler::exact
