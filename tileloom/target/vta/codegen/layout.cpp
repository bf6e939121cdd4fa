#include "tileloom/target/vta/codegen/layout.hpp"

#include <algorithm>

#include "tileloom/support/checked.hpp"

namespace tileloom::target::vta {
namespace {

constexpr std::int64_t kMostStride = 65535;

/// A dimension of a move: `count` pieces `stride` blocks apart, with zeros on both sides.
struct Span {
  std::int64_t count = 1;
  std::int64_t stride = 1;
  std::int64_t before = 0;
  std::int64_t after = 0;
};

/// A box as a dense row of blocks (x), rows (y) and what is outside of them.
struct Plane {
  Span x;
  Span y;
  std::vector<Span> outer;  ///< outermost first
  std::int64_t offset = 0;  ///< of the first stored block
};

/// Takes the spans apart: axes that continue each other in memory without zeros join.
Plane plane_of(const StoredOperand& stored, const Box& box) {
  std::vector<Span> spans;  // innermost first
  spans.reserve(box.size.size());
  std::int64_t offset = 0;
  for (std::size_t a = box.size.size(); a-- > 0;) {
    const StoredAxis& axis = stored.axes[a];
    const std::int64_t before = std::max<std::int64_t>(0, axis.first - box.low[a]);
    const std::int64_t after =
        std::max<std::int64_t>(0, box.low[a] + box.size[a] - axis.first - axis.extent);
    const Span span{box.size[a] - before - after, axis.stride, before, after};
    offset += (box.low[a] + before - axis.first) * axis.stride;
    if (box.size[a] == 1) continue;
    const bool plain = span.before == 0 && span.after == 0;
    if (!spans.empty() && plain && spans.back().before == 0 && spans.back().after == 0 &&
        span.stride == spans.back().count * spans.back().stride) {
      spans.back().count *= span.count;
    } else {
      spans.push_back(span);
    }
  }
  Plane plane;
  plane.offset = offset;
  std::size_t next = 0;
  // A row must be dense: an innermost span with gaps is a column of single blocks.
  if (next < spans.size() && spans[next].stride == 1) plane.x = spans[next++];
  if (next < spans.size() && spans[next].stride <= kMostStride) plane.y = spans[next++];
  for (; next < spans.size(); ++next) plane.outer.insert(plane.outer.begin(), spans[next]);
  return plane;
}

std::int64_t width(const Span& span) { return span.before + span.count + span.after; }

/// Calls `emit(dram offset, sram offset)` for every plane.
template <class Emit>
void each_plane(const Plane& plane, Emit emit) {
  const std::int64_t entries = width(plane.x) * width(plane.y);
  std::int64_t count = 1;
  for (const Span& span : plane.outer) count *= span.count;
  for (std::int64_t i = 0; i < count; ++i) {
    std::int64_t offset = plane.offset;
    std::int64_t rest = i;
    for (std::size_t s = plane.outer.size(); s-- > 0;) {
      offset += rest % plane.outer[s].count * plane.outer[s].stride;
      rest /= plane.outer[s].count;
    }
    emit(offset, i * entries);
  }
}

template <class LoadOrStore>
std::vector<LoadOrStore> moves_of(const StoredOperand& stored, const Box& box, Memory memory,
                                  std::int64_t dram_base, std::int64_t sram_base) {
  const Plane plane = plane_of(stored, box);
  std::vector<LoadOrStore> moves;
  each_plane(plane, [&](std::int64_t dram, std::int64_t sram) {
    Move move;
    move.memory = memory;
    move.sram_base = sram_base + sram;
    move.dram_base = dram_base + dram;
    move.y_size = plane.y.count;
    move.x_size = plane.x.count;
    move.x_stride = plane.y.count > 1 ? plane.y.stride : plane.x.count;
    move.y_pad_0 = plane.y.before;
    move.y_pad_1 = plane.y.after;
    move.x_pad_0 = plane.x.before;
    move.x_pad_1 = plane.x.after;
    moves.push_back(LoadOrStore{move});
  });
  return moves;
}

}  // namespace

StoredOperand store_operand(const PackedOperand& operand, const std::vector<std::size_t>& padded) {
  StoredOperand stored;
  stored.axes.resize(operand.axes.size());
  for (std::size_t a = operand.axes.size(); a-- > 0;) {
    const PackedAxis& axis = operand.axes[a];
    const bool pads = std::find(padded.begin(), padded.end(), a) != padded.end();
    const std::int64_t first = pads ? axis.zero_before : 0;
    const std::int64_t extent = axis.extent - first - (pads ? axis.zero_after : 0);
    stored.axes[a] = {first, extent, stored.blocks};
    stored.blocks = checked_mul(stored.blocks, extent);
  }
  return stored;
}

std::vector<std::size_t> paddable_axes(const PackedOperand& operand,
                                       const std::vector<LoopEnds>& ends) {
  std::vector<std::size_t> result;
  std::size_t seen = 0;
  std::int64_t inner = 1;
  for (std::size_t a = operand.axes.size(); a-- > 0 && seen < 2 && inner <= kMostStride;) {
    const PackedAxis& axis = operand.axes[a];
    inner *= axis.extent;
    if (axis.extent == 1) continue;
    ++seen;
    if (axis.zero_before + axis.zero_after == 0) continue;
    // Blocks of the outermost boxes, each of which must keep a stored one.
    std::int64_t at_begin = 1;
    std::int64_t at_end = 1;
    for (const PackedTerm& term : axis.terms) {
      at_begin += term.step * (ends[term.loop].first - 1);
      at_end += term.step * (ends[term.loop].last - 1);
    }
    const bool fits = axis.zero_before <= kMostPadding && axis.zero_after <= kMostPadding;
    if (fits && at_begin > axis.zero_before && at_end > axis.zero_after) result.push_back(a);
  }
  return result;
}

std::int64_t stored_index(const StoredOperand& stored,
                          const std::vector<std::int64_t>& coordinate) {
  std::int64_t place = 0;
  for (std::size_t a = 0; a < coordinate.size(); ++a) {
    const StoredAxis& axis = stored.axes[a];
    if (coordinate[a] < axis.first || coordinate[a] >= axis.first + axis.extent) return -1;
    place += (coordinate[a] - axis.first) * axis.stride;
  }
  return place;
}

std::vector<Load> loads_of(const PackedOperand& operand, const StoredOperand& stored,
                           const Box& box, std::int64_t dram_base, std::int64_t sram_base) {
  return moves_of<Load>(stored, box, dram_memory(operand.part), dram_base, sram_base);
}

std::vector<Store> stores_of(const PackedOperand& operand, const StoredOperand& stored,
                             const Box& box, std::int64_t dram_base, std::int64_t sram_base) {
  return moves_of<Store>(stored, box, dram_memory(operand.part), dram_base, sram_base);
}

MoveShape move_shape(const StoredOperand& stored, const std::vector<std::int64_t>& size) {
  Box box;
  box.size = size;
  for (std::size_t a = 0; a < size.size(); ++a) box.low.push_back(stored.axes[a].first);
  // At the ends zeros take the place of blocks; inside the boxes are whole.
  for (std::size_t a = 0; a < size.size(); ++a) {
    box.size[a] = std::min(box.size[a], stored.axes[a].extent);
  }
  const Plane plane = plane_of(stored, box);
  MoveShape shape{1, plane.y.count, plane.x.count};
  for (const Span& span : plane.outer) shape.moves *= span.count;
  return shape;
}

}  // namespace tileloom::target::vta
