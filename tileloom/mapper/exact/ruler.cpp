#include "tileloom/mapper/exact/ruler.hpp"

namespace tileloom::mapper {

std::optional<cost::Score> Ruler::measure(const Point& point) {
  if (exhausted()) return std::nullopt;
  if (!legal(space_, point)) return std::nullopt;
  ++used_;
  return scoring_(point);
}

}  // namespace tileloom::mapper
