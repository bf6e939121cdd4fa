#pragma once
#include "tileloom/mapper/exact/ruler.hpp"

namespace tileloom::mapper {

/// Steepest descent from a valid point over shifts and reorders, then exchanges, then toggles,
/// until no neighbour is better or the ruler's allowance is used up.
struct Descended {
  Point point;
  cost::Score score;
};
Descended descend(Ruler& ruler, Point start, const cost::Score& start_score);

}  // namespace tileloom::mapper
