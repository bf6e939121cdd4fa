#pragma once
// The best mapping found so far, and the answer made of it.

#include <cstdint>
#include <optional>
#include <string>

#include "tileloom/cost/evaluator.hpp"
#include "tileloom/mapper/mapper.hpp"
#include "tileloom/mapper/mapspace.hpp"

namespace tileloom::mapper {

/// The best of the points offered; of equal scores the one offered with the lowest number, so that
/// the order of offering does not matter.
class Incumbent {
 public:
  struct Entry {
    cost::Score score;
    std::int64_t number = 0;
    Point point;
  };
  /// True if the point became the incumbent.
  bool offer(const cost::Score& score, std::int64_t number, const Point& point);
  const std::optional<Entry>& best() const { return best_; }

 private:
  std::optional<Entry> best_;
};

/// Scores the points of one space; an object serves one thread.
class Scorer {
 public:
  Scorer(const MapSpace& space, const cost::Objective& objective);
  /// Score of a legal point; absent if it does not fit into some memory.
  std::optional<cost::Score> operator()(const Point& point);

 private:
  const MapSpace& space_;
  cost::Objective objective_;
  cost::Evaluator evaluator_;
  std::vector<PathNode> path_;
};

/// That a memory cannot hold the `bits` that the smallest tiles need.
std::string too_small(const Memory& memory, double bits);

/// Why not even the mapping with the smallest demands fits, with the numbers; empty if it does.
std::string why_infeasible(const MapSpace& space);

/// Why no mapping obeys the constraints: the rules that the plainest one breaks.
std::string why_constrained(const MapSpace& space);

/// The bound of cost/bounds as a score.
cost::Score bound_score(const MapSpace& space, const cost::Objective& objective);

/// Evaluates and checks the tree of the found point: what a mapper returns. Throws
/// std::logic_error if the tree is not legal, which would be a mistake of the mapper.
MapResult answer(const Problem& problem, const MapSpace& space, const Point& point);
MapResult answer(const Problem& problem, LoopTree tree);

/// What a mapper returns if not even the mapping with the smallest demands fits; absent if it does.
std::optional<MapResult> infeasible_result(const MapSpace& space);

/// What a search without a proof returns: its incumbent with the bound of cost/bounds, `feasible`
/// (`optimal` if the bound is met), or `budget_spent` without a mapping.
MapResult best_result(const Problem& problem, const MapSpace& space, const Incumbent& incumbent);

}  // namespace tileloom::mapper
