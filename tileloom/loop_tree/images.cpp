#include "tileloom/loop_tree/images.hpp"

#include <algorithm>

#include "tileloom/loop_tree/boxes.hpp"
#include "tileloom/loop_tree/core_parts.hpp"
#include "tileloom/loop_tree/fused_plan.hpp"
#include "tileloom/loop_tree/view.hpp"
#include "tileloom/support/checked.hpp"

namespace tileloom {
namespace {

/// An axis of a tensor along which a child moves from image to image.
struct ImageAxis {
  std::size_t axis = 0;
  std::vector<std::int64_t> view;  ///< in which it is meant
  std::int64_t tile = 1;           ///< of the loop
  std::int64_t extent = 1;         ///< that it divides
  bool operator==(const ImageAxis&) const = default;
};

/// True if in every iteration the child touches of the tensor's axis its share of the image only.
bool keeps_to_images(const FusedPlan& plan, std::size_t tensor, const ImageAxis& image) {
  std::int64_t begin = -image.tile;
  for (std::size_t t = 0; t < plan.iterations; ++t) {
    if (plan.moved[t] == 0) begin += image.tile;
    const Box& need = plan.need[tensor][t];
    if (need.empty()) continue;
    if (need[image.axis].begin < begin || need[image.axis].end > begin + image.tile) return false;
  }
  return true;
}

std::vector<ImageAxis> of_stack(const Workload& workload, const ParallelChild& child,
                                const Loop& loop, TensorId tensor) {
  const FusedStack stack = fused_stack(workload, child.tree, child.homes);
  const std::int64_t extent = workload.operators[stack.driver()].rank(loop.rank).extent;
  std::vector<ImageAxis> found;
  bool first = true;
  for_each_core(workload, stack, [&](const Workload& part, const FusedStack& mine) {
    const FusedPlan made = plan(part, mine);
    const auto at = std::ranges::find(made.tensors, tensor, &StackTensor::tensor);
    if (at == made.tensors.end()) return;
    const auto place = static_cast<std::size_t>(at - made.tensors.begin());
    for (std::size_t axis = 0; first && axis < at->extents.size(); ++axis) {
      if (at->extents[axis] == extent) found.push_back({axis, at->extents, loop.tile, extent});
    }
    first = false;
    // A core with a share of the images would begin with a later one.
    const bool all = part.operators[mine.driver()].rank(loop.rank).extent == extent;
    std::erase_if(found, [&](const ImageAxis& image) {
      return !all || !keeps_to_images(made, place, image);
    });
  });
  return found;
}

/// A single path touches its share of an axis that only the loop's rank moves, one by one.
std::vector<ImageAxis> of_path(const Workload& workload, const LoopTree& tree, const Loop& loop,
                               TensorId tensor) {
  const Operator& op = workload.operators[std::get<ComputeLeaf>(tree.tail).op];
  const Operand& operand = *find_operand(op, tensor);
  const bool in_space = std::ranges::any_of(tree.path, [&](const PathNode& node) {
    const Loop* other = std::get_if<Loop>(&node);
    return other != nullptr && other->axis && other->rank == loop.rank;
  });
  std::vector<ImageAxis> found;
  for (std::size_t a = 0; a < operand.axes.size() && !in_space; ++a) {
    const Axis& axis = operand.axes[a];
    const bool moves = axis.terms.size() == 1 && axis.terms[0] == Term{loop.rank, 1} &&
                       axis.offset == 0 && axis.extent == op.rank(loop.rank).extent;
    if (moves) found.push_back({a, view_extents(operand), loop.tile, axis.extent});
  }
  return found;
}

std::vector<ImageAxis> image_axes(const Workload& workload, const ParallelChild& child,
                                  TensorId tensor) {
  const std::optional<Loop> loop = image_loop(child.tree);
  if (!loop) return {};
  if (is_fused(child.tree)) return of_stack(workload, child, *loop, tensor);
  return of_path(workload, child.tree, *loop, tensor);
}

/// Elements between two indices of the axis: the same in every view in which it is an axis.
std::int64_t stride(const ImageAxis& image) {
  std::int64_t step = 1;
  for (std::size_t a = image.axis + 1; a < image.view.size(); ++a) {
    step = checked_mul(step, image.view[a]);
  }
  return step;
}

}  // namespace

std::optional<Loop> image_loop(const LoopTree& tree) {
  if (!is_fused(tree) && !is_single_path(tree)) return std::nullopt;
  for (const PathNode& node : tree.path) {
    const Loop* loop = std::get_if<Loop>(&node);
    if (loop != nullptr && !loop->axis) return *loop;
  }
  return std::nullopt;
}

bool passes_images_on(const Workload& workload, const ParallelChild& writer,
                      const ParallelChild& reader, TensorId tensor) {
  for (const ImageAxis& from : image_axes(workload, writer, tensor)) {
    for (const ImageAxis& to : image_axes(workload, reader, tensor)) {
      if (from.tile == to.tile && from.extent == to.extent && stride(from) == stride(to)) {
        return true;
      }
    }
  }
  return false;
}

}  // namespace tileloom
