#include "tileloom/target/vta/network/window_positions.hpp"

#include <algorithm>

namespace tileloom::target::vta {

Positions read_range(const WindowAxis& axis, const Positions& out, std::int64_t extent,
                     bool existing) {
  std::int64_t low = out.low * axis.stride - axis.before;
  std::int64_t high =
      (out.low + out.size - 1) * axis.stride + (axis.size - 1) * axis.dilation - axis.before + 1;
  if (existing) {
    low = std::clamp<std::int64_t>(low, 0, extent - 1);
    high = std::clamp<std::int64_t>(high, low + 1, extent);
  }
  return {low, high - low};
}

Positions reached(const WindowAxis& axis, std::int64_t r, const Positions& out,
                  std::int64_t extent) {
  const std::int64_t start = r * axis.dilation - axis.before;
  Positions result = out;
  while (result.size > 0 && start + result.low * axis.stride < 0) {
    ++result.low;
    --result.size;
  }
  while (result.size > 0 && start + (result.low + result.size - 1) * axis.stride >= extent) {
    --result.size;
  }
  return result;
}

std::vector<Positions> cut(std::int64_t extent, std::int64_t tile) {
  std::vector<Positions> ranges;
  for (std::int64_t low = 0; low < extent; low += tile) {
    ranges.push_back({low, std::min(tile, extent - low)});
  }
  return ranges;
}

}  // namespace tileloom::target::vta
