#include "tileloom/target/vta/codegen/split_ends.hpp"

#include <algorithm>
#include <optional>

#include "tileloom/support/checked.hpp"

namespace tileloom::target::vta {
namespace {

/// Entries between the pieces of two neighbouring trips of `loop` in the operand's slot: 0 if the
/// operand does not have the loop, nothing if trips do not lie one after the other or may hold
/// nothing but padding.
std::optional<std::int64_t> entries_per_trip(const PackedOperand& operand, const Tile& tile,
                                             std::size_t loop) {
  const Box box = box_of(operand, tile);
  std::int64_t inside = 1;  // entries of the axes within
  for (std::size_t a = operand.axes.size(); a-- > 0;) {
    const PackedAxis& axis = operand.axes[a];
    const bool moves = std::any_of(axis.terms.begin(), axis.terms.end(),
                                   [&](const PackedTerm& term) { return term.loop == loop; });
    if (axis.extent > 1 && moves) {
      const bool alone = axis.terms.size() == 1 && axis.terms.front().step == 1 &&
                         axis.zero_before + axis.zero_after == 0;
      const bool outermost = std::all_of(box.size.begin(),
                                         box.size.begin() + static_cast<std::ptrdiff_t>(a),
                                         [](std::int64_t size) { return size == 1; });
      if (alone && outermost) return inside;
      return std::nullopt;
    }
    inside *= box.size[a];
  }
  return 0;
}

/// By Part.
using Strides = std::array<std::int64_t, kParts>;

std::optional<Strides> strides_along(const Nest& nest, const Tile& tile, std::size_t loop) {
  Strides strides{};
  for (std::size_t part = 0; part < kParts; ++part) {
    const auto stride = entries_per_trip(nest.operands[part], tile, loop);
    if (!stride) return std::nullopt;
    strides[part] = *stride;
  }
  return strides;
}

/// The pieces of one step. What the loop does not move is loaded with the first; waits belong to
/// the first, signals to the last.
std::vector<TileStep> pieces_of(const TileStep& step, std::size_t loop, const Strides& strides,
                                std::int64_t count) {
  std::vector<TileStep> pieces;
  const std::int64_t trips = step.tile.size[loop];
  const std::int64_t each = ceil_div(trips, count);
  for (std::int64_t begin = 0; begin < trips; begin += each) {
    TileStep piece = step;
    piece.tile.low[loop] += begin;
    piece.tile.size[loop] = std::min(each, trips - begin);
    for (std::size_t part = 0; part < kParts; ++part) {
      piece.offsets[part] += begin * strides[part];
      if (begin > 0 && strides[part] == 0) piece.loaded[part] = false;
    }
    const bool is_last = begin + each >= trips;
    if (begin > 0) piece.load_waits = piece.reset_waits = false;
    if (!is_last) piece.frees_buffers = piece.store_signals = false;
    pieces.push_back(std::move(piece));
  }
  return pieces;
}

/// The step at `place` in pieces along the loop that has most trips in it.
void split_step(const Nest& nest, std::int64_t count, std::vector<TileStep>& steps,
                std::size_t place) {
  const TileStep& step = steps[place];
  std::optional<std::size_t> best;
  Strides best_strides{};
  for (std::size_t l = 0; l < nest.loops(); ++l) {
    if (nest.reduction[l] || step.tile.size[l] == 1) continue;
    if (best && step.tile.size[l] <= step.tile.size[*best]) continue;
    const auto strides = strides_along(nest, step.tile, l);
    if (!strides) continue;
    best = l;
    best_strides = *strides;
  }
  if (!best) return;
  std::vector<TileStep> pieces = pieces_of(step, *best, best_strides, count);
  const auto at = steps.begin() + static_cast<std::ptrdiff_t>(place);
  steps.insert(steps.erase(at), std::make_move_iterator(pieces.begin()),
               std::make_move_iterator(pieces.end()));
}

}  // namespace

void split_ends(const Nest& nest, const Tiling& tiling, std::vector<TileStep>& steps) {
  if (tiling.pieces <= 1) return;
  split_step(nest, tiling.pieces, steps, steps.size() - 1);
  if (steps.size() > 1) split_step(nest, tiling.pieces, steps, 0);
}

}  // namespace tileloom::target::vta
