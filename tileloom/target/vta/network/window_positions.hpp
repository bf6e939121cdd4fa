#pragma once
// Where along an axis a window reads.

#include <cstdint>
#include <vector>

#include "tileloom/target/vta/codegen/layer_steps.hpp"

namespace tileloom::target::vta {

/// Positions [low, low + size) of one axis.
struct Positions {
  std::int64_t low = 0;
  std::int64_t size = 0;
  bool operator==(const Positions&) const = default;
};

/// What the outputs `out` read of an input of `extent`; clipped to it where `existing`.
Positions read_range(const WindowAxis& axis, const Positions& out, std::int64_t extent,
                     bool existing);

/// Outputs of `out` whose tap `r` lies inside an input of `extent`.
Positions reached(const WindowAxis& axis, std::int64_t r, const Positions& out,
                  std::int64_t extent);

/// An axis in tiles, the last of which may be smaller.
std::vector<Positions> cut(std::int64_t extent, std::int64_t tile);

}  // namespace tileloom::target::vta
