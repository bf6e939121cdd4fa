#pragma once
// What a pipeline hands on: children of a Parallel that take the same images one after the other.
// docs/cost_model.md 9.7.

#include <optional>
#include <span>

#include "tileloom/loop_tree/loop_tree.hpp"

namespace tileloom {

/// A child of a Parallel and the homes above it.
struct ParallelChild {
  const LoopTree& tree;
  std::span<const PathNode> homes;
};

/// The outermost loop in time of a stack or of a single path: its trips are the images.
std::optional<Loop> image_loop(const LoopTree& tree);

/// True if both children have as many images and there is an axis of the tensor on which image i of
/// each touches the share i of that loop only: then image i of the reader needs nothing that the
/// writer makes after its image i. Both are single paths or stacks that obey their rules.
bool passes_images_on(const Workload& workload, const ParallelChild& writer,
                      const ParallelChild& reader, TensorId tensor);

}  // namespace tileloom
