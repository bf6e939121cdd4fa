#include "tileloom/mapper/exact/descent.hpp"

#include <array>

#include "tileloom/mapper/exact/moves.hpp"

namespace tileloom::mapper {
namespace {

using ForEach = void (*)(const MapSpace&, Point&, const Visit&);

/// Replaces the point by its best better neighbour of the given kinds; false if there is none.
bool step(Ruler& ruler, Descended& here, std::span<const ForEach> kinds) {
  Point point = here.point;
  bool improved = false;
  for (const ForEach for_each : kinds) {
    for_each(ruler.space(), point, [&](const Point& neighbour) {
      const std::optional<cost::Score> score = ruler.measure(neighbour);
      if (!score || !(*score < here.score)) return;
      here = {neighbour, *score};
      improved = true;
    });
  }
  return improved;
}

}  // namespace

Descended descend(Ruler& ruler, Point start, const cost::Score& start_score) {
  constexpr std::array<ForEach, 2> kNear{for_each_shift, for_each_reorder};
  constexpr std::array<ForEach, 1> kExchange{for_each_exchange};
  constexpr std::array<ForEach, 1> kToggle{for_each_toggle};
  constexpr std::array<ForEach, 1> kRefit{for_each_refit};
  Descended here{std::move(start), start_score};
  while (!ruler.exhausted()) {
    if (step(ruler, here, kNear)) continue;
    if (step(ruler, here, kToggle)) continue;
    if (ruler.imperfect() && step(ruler, here, kRefit)) continue;
    if (step(ruler, here, kExchange)) continue;
    break;
  }
  return here;
}

}  // namespace tileloom::mapper
