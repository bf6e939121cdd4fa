#include "tileloom/mapper/cosa/repair.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "tileloom/cost/evaluate.hpp"
#include "tileloom/mapper/cosa/decode.hpp"
#include "tileloom/mapper/memory_bit.hpp"

namespace tileloom::mapper::cosa {
namespace {

/// Just below U in log2: far below the smallest difference of two products of the sizes.
constexpr double kBelow = 1e-5;

/// True bits of the buffer's tile.
double true_bits(const cost::Occupancy& memory, TensorId tensor) {
  const auto own = std::ranges::find(memory.buffers, tensor, &cost::BufferSize::tensor);
  return own == memory.buffers.end() ? 0 : static_cast<double>(own->bits.value);
}

/// Rules the allocation out by the buffers of one overflowing memory.
void tighten_memory(const MapSpace& space, const Shape& shape, const Allocation& allocation,
                    const cost::Occupancy& memory, Terms& terms) {
  const std::vector<const Operand*> all = operands(*space.op);
  const double copies = space.arch->memories[memory.memory].double_buffered ? 2 : 1;
  bool excluded = false;
  std::size_t worst = shape.buffers.size();
  double worst_excess = 0;
  for (std::size_t b = 0; b < shape.buffers.size(); ++b) {
    const Buffer& buffer = shape.buffers[b];
    if (buffer.memory != memory.memory) continue;
    const Operand& operand = *all[buffer.operand];
    const double width = static_cast<double>(
        buffer.zone == Zone::inside ? operand.partial_bits : operand.bits);
    const double bits = std::max(true_bits(memory, operand.tensor) / copies / width, 1.0);
    const double used = used_log(shape, terms.equations, allocation, buffer);
    double excess = std::log2(bits) - used;
    if (buffer.partials > 0 && excess >= buffer.partials - 1e-9) {
      excluded = excluded || !terms.partial_widths[b];
      terms.partial_widths[b] = true;
      excess -= buffer.partials;
    }
    if (excess > terms.tightened[b]) terms.tightened[b] = std::min(excess, buffer.room);
    if (used > buffer.room - terms.tightened[b] + 1e-9) excluded = true;
    if (worst == shape.buffers.size() || std::log2(bits) - buffer.room > worst_excess) {
      worst = b;
      worst_excess = std::log2(bits) - buffer.room;
    }
  }
  if (excluded || worst == shape.buffers.size()) return;
  const double used = used_log(shape, terms.equations, allocation, shape.buffers[worst]);
  terms.tightened[worst] = std::min(shape.buffers[worst].room - used + kBelow,
                                    shape.buffers[worst].room);
}

std::vector<cost::Occupancy> occupancy_of(const MapSpace& space, const Shape& shape,
                                          const Allocation& allocation) {
  return cost::evaluate(*space.op, *space.arch, path_of(space, decode(space, shape, allocation)))
      .occupancy;
}

}  // namespace

std::string tighten(const MapSpace& space, const Shape& shape, const Allocation& allocation,
                    Terms& terms) {
  std::string overflow;
  for (const cost::Occupancy& memory : occupancy_of(space, shape, allocation)) {
    if (memory.fits()) continue;
    if (!overflow.empty()) overflow += "; ";
    overflow += fmt::format("{} would need {} bits, but holds {}",
                            space.arch->memories[memory.memory].name, memory.used.value,
                            memory.capacity->value);
    tighten_memory(space, shape, allocation, memory, terms);
  }
  return overflow;
}

std::optional<std::size_t> in_the_way(const MapSpace& space, const Shape& shape,
                                      const Allocation& allocation) {
  std::optional<std::size_t> found;
  double most = 0;
  for (const cost::Occupancy& memory : occupancy_of(space, shape, allocation)) {
    if (memory.fits()) continue;
    for (std::size_t b = 0; b < shape.buffers.size(); ++b) {
      const Buffer& buffer = shape.buffers[b];
      const Resident& resident = space.residents[buffer.operand];
      if (buffer.memory != memory.memory || (resident.must_keep & bit(memory.memory)) != 0) continue;
      const double bits = true_bits(memory, resident.tensor);
      if (found && bits <= most) continue;
      found = b;
      most = bits;
    }
  }
  return found;
}

}  // namespace tileloom::mapper::cosa
