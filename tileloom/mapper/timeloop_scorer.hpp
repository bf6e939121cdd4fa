#pragma once
// What points of a map space cost by Timeloop's conventions (cost/profiles/timeloop).

#include <optional>
#include <string>

#include "tileloom/cost/objective.hpp"
#include "tileloom/cost/profiles/timeloop/from_tileloom.hpp"
#include "tileloom/cost/profiles/timeloop/stats.hpp"
#include "tileloom/mapper/mapspace.hpp"

namespace tileloom::mapper {

/// One machine and one operator in Timeloop's nouns: a level per memory (innermost first), a dim
/// per rank, a dataspace per operand in the order of operands().
struct TimeloopNouns {
  cost::timeloop::Arch arch;
  cost::timeloop::Problem problem;
};

/// The same point as Timeloop's mapping: what mapping_from makes of its path.
cost::timeloop::Mapping timeloop_mapping(const MapSpace& space, const Point& point);

class TimeloopScorer {
 public:
  TimeloopScorer(const MapSpace& space, const TimeloopNouns& nouns, const cost::Objective& objective)
      : space_(space), nouns_(nouns), objective_(objective) {}

  /// Score of a point that `legal` accepts; absent if Timeloop's own rules (capacities in words,
  /// no rank on both X and Y) do not, or a count leaves 64 bits.
  std::optional<cost::Score> operator()(const Point& point) const;
  /// All figures of such a point.
  cost::timeloop::Stats stats(const Point& point) const;
  /// What is wrong with a point by Timeloop's rules, in words; empty if nothing is.
  std::string objection(const Point& point) const;

 private:
  const MapSpace& space_;
  const TimeloopNouns& nouns_;
  cost::Objective objective_;
};

}  // namespace tileloom::mapper
