#pragma once
// Cuts together with what crosses them in a memory on the machine.

#include <vector>

#include "tileloom/scheduler/chains.hpp"
#include "tileloom/scheduler/exact/stack_choice.hpp"

namespace tileloom::scheduler::exact {

/// A part between two cuts, and the tensors that it finds and leaves in the memory of activations,
/// ascending.
struct PartStep {
  chains::Step step;
  std::vector<TensorId> found;
  std::vector<TensorId> left;
};

/// What a part with these homes inside finds and leaves: a tensor lives there from the first part
/// that writes it to the last one that uses it, and each in between uses it, too (the writers of a
/// concatenation, the readers of a map). Absent if one is only used within, or is no intermediate.
std::optional<PartStep> with_boundaries(const Workload& workload, const Range& range,
                                        const std::vector<TensorId>& homes, std::uint32_t inside);

/// The same parts between nodes: a cut with the tensors that cross it inside. A part follows
/// another if it finds what that leaves. Node 0 is the beginning and `last` the end.
struct BoundaryGraph {
  std::vector<chains::Step> steps;
  std::size_t last = 0;
};
BoundaryGraph boundary_graph(std::size_t cuts, const std::vector<PartStep>& parts);

}  // namespace tileloom::scheduler::exact
