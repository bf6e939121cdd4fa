#include "tileloom/target/vta/codegen/tiling.hpp"

#include <algorithm>

#include "tileloom/support/checked.hpp"

namespace tileloom::target::vta {
namespace {

/// Steps between two additions to one accumulator: the trips of the loops inside the innermost
/// reduction, if they are all parallel.
std::int64_t reuse_distance(const Nest& nest, const std::vector<std::int64_t>& size,
                            const LoopSplit& split) {
  std::vector<std::size_t> inside_out(split.unrolled.rbegin(), split.unrolled.rend());
  if (split.inner) inside_out.push_back(*split.inner);
  if (split.outer) inside_out.push_back(*split.outer);
  std::int64_t distance = 1;
  for (std::size_t loop : inside_out) {
    if (nest.reduction[loop]) return std::min(distance, kFarEnough);
    distance = std::min(distance * size[loop], kFarEnough);
  }
  return kFarEnough;
}

/// Reductions first, so that parallel loops run inside them.
void order_unrolled(const Nest& nest, std::vector<std::size_t>& unrolled) {
  std::stable_partition(unrolled.begin(), unrolled.end(),
                        [&](std::size_t loop) { return nest.reduction[loop]; });
}

}  // namespace

std::int64_t first_size(const Nest& nest, const Tiling& tiling, std::size_t loop) {
  return std::min(tiling.first.empty() ? tiling.tile[loop] : tiling.first[loop],
                  nest.trips[loop]);
}

std::int64_t tiles(const Nest& nest, const Tiling& tiling, std::size_t loop) {
  return 1 + ceil_div(nest.trips[loop] - first_size(nest, tiling, loop), tiling.tile[loop]);
}

std::vector<std::int64_t> box_size(const PackedOperand& operand, const Nest& nest,
                                   const Tiling& tiling) {
  return box_of(operand, {std::vector<std::int64_t>(nest.loops(), 0), tiling.tile}).size;
}

std::int64_t tile_blocks(const PackedOperand& operand, const Tiling& tiling) {
  std::int64_t product = 1;
  for (const PackedAxis& axis : operand.axes) {
    if (axis.extent == 1) continue;
    std::int64_t size = 1;
    for (const PackedTerm& term : axis.terms) size += term.step * (tiling.tile[term.loop] - 1);
    product = checked_mul(product, size);
  }
  return product;
}

std::vector<std::size_t> paddable_axes(const PackedOperand& operand, const Nest& nest,
                                       const Tiling& tiling) {
  std::vector<LoopEnds> ends;
  for (std::size_t l = 0; l < nest.loops(); ++l) {
    const std::int64_t first = first_size(nest, tiling, l);
    const std::int64_t tile = std::min(tiling.tile[l], nest.trips[l]);
    const std::int64_t rest = (nest.trips[l] - first) % tile;
    ends.push_back({first, first == nest.trips[l] ? first : (rest == 0 ? tile : rest)});
  }
  return paddable_axes(operand, ends);
}

StoredOperand stored_for(const PackedOperand& operand, const Nest& nest, const Tiling& tiling) {
  // Hardware pads inputs only; where the roles are swapped the weights have zeros, too.
  if (operand.part != Part::data || tiling.store_padding) return store_operand(operand, {});
  return store_operand(operand, paddable_axes(operand, nest, tiling));
}

LoopSplit split_loops(const Nest& nest, const std::vector<std::int64_t>& size,
                      std::int64_t most) {
  std::vector<std::size_t> loops;
  for (std::size_t l = 0; l < size.size(); ++l) {
    if (size[l] > 1) loops.push_back(l);
  }
  std::vector<LoopSplit> splits;
  const auto consider = [&](std::optional<std::size_t> outer, std::optional<std::size_t> inner) {
    LoopSplit split{outer, inner};
    for (std::size_t l : loops) {
      if (l == outer || l == inner) continue;
      split.unrolled.push_back(l);
      split.micro_ops = checked_mul(split.micro_ops, size[l]);
    }
    order_unrolled(nest, split.unrolled);
    split.reuse_distance = reuse_distance(nest, size, split);
    splits.push_back(std::move(split));
  };
  if (loops.size() <= 1) {
    consider(std::nullopt, loops.empty() ? std::nullopt : std::optional(loops[0]));
    return splits.front();
  }
  for (std::size_t outer : loops) {
    for (std::size_t inner : loops) {
      if (outer != inner) consider(outer, inner);
    }
  }
  std::int64_t fewest = splits.front().micro_ops;
  for (const LoopSplit& split : splits) fewest = std::min(fewest, split.micro_ops);
  const std::int64_t few =
      std::max(fewest, std::min(std::max<std::int64_t>(2 * fewest, 64), most));
  const LoopSplit* best = nullptr;
  for (const LoopSplit& split : splits) {
    if (split.micro_ops > few) continue;
    if (best == nullptr || split.reuse_distance > best->reuse_distance ||
        (split.reuse_distance == best->reuse_distance && split.micro_ops < best->micro_ops)) {
      best = &split;
    }
  }
  return *best;
}

}  // namespace tileloom::target::vta
