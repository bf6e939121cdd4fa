#include "tileloom/mapper/incumbent.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>
#include <tuple>

#include "tileloom/cost/bounds.hpp"
#include "tileloom/loop_tree/check.hpp"

namespace tileloom::mapper {
namespace {

/// The operator alone, as a workload of its own.
Workload alone(const Workload& workload, OperatorId id) {
  Workload one;
  one.name = workload.name;
  one.tensors = workload.tensors;
  one.operators.push_back(workload.operators[id]);
  return one;
}

LoopTree renumbered(LoopTree tree, OperatorId id) {
  for (PathNode& node : tree.path) {
    if (Loop* loop = std::get_if<Loop>(&node)) loop->op = id;
  }
  tree.tail = ComputeLeaf{id};
  return tree;
}

}  // namespace

std::optional<double> gap(const MapResult& result, const cost::Objective& objective) {
  if (!result.evaluation) return std::nullopt;
  const cost::Score found =
      cost::score(objective, result.evaluation->latency.total, result.evaluation->energy);
  const auto distance = [](double value, double bound) {
    return value <= bound || bound <= 0 ? 0.0 : value / bound - 1.0;
  };
  const double first = distance(found.first, result.lower_bound.first);
  if (first > 0 || !objective.second) return first;
  return distance(found.second, result.lower_bound.second);
}

bool Incumbent::offer(const cost::Score& score, std::int64_t number, const Point& point) {
  if (best_ && std::tie(best_->score, best_->number) <= std::tie(score, number)) return false;
  best_ = Entry{score, number, point};
  return true;
}

Scorer::Scorer(const MapSpace& space, const cost::Objective& objective)
    : space_(space), objective_(objective), evaluator_(*space.op, *space.arch) {}

std::optional<cost::Score> Scorer::operator()(const Point& point) {
  write_path(space_, point, path_);
  const cost::QuickCost quick = evaluator_(path_);
  if (!quick.fits) return std::nullopt;
  return cost::score(objective_, {static_cast<std::int64_t>(quick.cycles)}, {quick.picojoules});
}

std::string too_small(const Memory& memory, double bits) {
  return fmt::format("{} needs {:.0f} bits even with the smallest tiles, but holds {}", memory.name,
                     bits, memory.capacity->value);
}

std::string why_infeasible(const MapSpace& space) {
  const cost::Evaluation evaluation =
      cost::evaluate(*space.op, *space.arch, path_of(space, trivial_point(space)));
  std::string reason;
  for (const cost::Occupancy& memory : evaluation.occupancy) {
    if (memory.fits()) continue;
    if (!reason.empty()) reason += "; ";
    reason += too_small(space.arch->memories[memory.memory],
                        static_cast<double>(memory.used.value));
  }
  return reason;
}

std::string why_constrained(const MapSpace& space) {
  std::string reason = "no mapping obeys the constraints and the machine";
  const std::vector<std::string> broken =
      broken_rules(*space.constraints, *space.workload, *space.arch, space.id,
                   path_of(space, trivial_point(space)));
  for (const std::string& rule : broken) reason += "; " + rule;
  return reason;
}

cost::Score bound_score(const MapSpace& space, const cost::Objective& objective) {
  const cost::LowerBound bound = cost::lower_bound(*space.op, *space.arch);
  return cost::score(objective, bound.latency, bound.energy);
}

MapResult answer(const Problem& problem, const MapSpace& space, const Point& point) {
  return answer(problem, tree_of(space, point));
}

MapResult answer(const Problem& problem, LoopTree tree) {
  MapResult result;
  result.tree = std::move(tree);
  result.evaluation =
      cost::evaluate(problem.workload.operators[problem.op], problem.arch, result.tree->path);
  const std::vector<Violation> violations =
      check(alone(problem.workload, problem.op), problem.arch,
            renumbered(*result.tree, static_cast<OperatorId>(0)));
  if (!violations.empty()) {
    throw std::logic_error("a mapper returned an illegal mapping: " + violations.front().what);
  }
  return result;
}

std::optional<MapResult> infeasible_result(const MapSpace& space) {
  MapResult result;
  result.reason = why_infeasible(space);
  if (result.reason.empty()) return std::nullopt;
  result.space = "level-structured mappings";
  result.proof = Proof::infeasible;
  return result;
}

MapResult best_result(const Problem& problem, const MapSpace& space, const Incumbent& incumbent) {
  const cost::Score bound = bound_score(space, problem.objective);
  MapResult result;
  if (incumbent.best()) {
    result = answer(problem, space, incumbent.best()->point);
    result.proof = incumbent.best()->score <= bound ? Proof::optimal : Proof::feasible;
  }
  result.space = "level-structured mappings, perfect factors";
  result.lower_bound = bound;
  return result;
}

}  // namespace tileloom::mapper
