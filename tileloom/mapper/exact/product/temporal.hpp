#pragma once
// The search over temporal loops under one skeleton and one complete spatial choice.

#include <tbb/enumerable_thread_specific.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "tileloom/cost/evaluator.hpp"
#include "tileloom/mapper/exact/product/candidates.hpp"
#include "tileloom/mapper/exact/product/ledger.hpp"
#include "tileloom/mapper/exact/product/pareto.hpp"
#include "tileloom/support/budget.hpp"

namespace tileloom::mapper::product {

/// The best mapping found so far, or the front of the best, and what the search has spent.
struct Record {
  cost::Objective objective;  ///< for a front: latency, energy
  std::optional<cost::Score> score;
  std::vector<PathNode> path;
  std::optional<Pareto> front;  ///< if all best compromises are wanted
  std::int64_t work = 0;  ///< in eighths of an evaluation
  std::int64_t work_limit = 0;
  std::int64_t improvements = 0;  ///< mappings kept so far
  const Budget* budget = nullptr;
  int threads = 1;

  /// Cycles and energy both count.
  bool weighs_both() const {
    return front || objective.first == cost::Metric::edp || objective.second;
  }
  bool exhausted() const { return work >= work_limit || budget->stopped(); }
  /// True if nothing with this bound improves on the score, or on the front.
  bool settled(const cost::Score& bound) const;
  /// Keeps a mapping that improves.
  void offer(const cost::Score& found, std::span<const PathNode> by);
  /// The tighter of two bounds of the same mappings; for a front, of each of the pair.
  cost::Score tighter(const cost::Score& a, const cost::Score& b) const;
  /// What is searched first: the least; for a front, of cycles times energy.
  double urgency(const cost::Score& bound) const;
};

cost::Score score_of(const cost::Objective& objective, const Bounds& bounds);

using BoundsOf = std::function<Bounds(std::span<const double> quantities, std::size_t unfinished)>;
using Leaf = std::function<bool(std::span<const Candidate* const>, Record&)>;

/// Work of looking at one node, in eighths of an evaluation.
inline constexpr std::int64_t kWorkOfNode = 1;

/// A group's candidates, made when they are first asked for; none if the budget ended.
using ListOf = std::function<const CandidateList*(std::size_t group)>;

/// What is combined.
struct Combination {
  ListOf list;
  ListOf made;                     ///< the list if it is at hand already
  std::vector<std::size_t> order;  ///< in which the groups' lists are asked for
  std::vector<double> scale;       ///< by store: multiplies the boxes of all lists
  std::vector<double> floor;       ///< by quantity: the least it can be
  std::vector<bool> reduces;       ///< by group: ranks that the output lacks have temporal trips
};

/// Visits the combinations of the groups' candidates that may improve on the record; `leaf` returns
/// false to end the search. False if it or the budget did. With several threads `bounds_of` and
/// `leaf` are called beside themselves, `leaf` with records of their own.
bool search_groups(const Frame& frame, const Combination& combination, const BoundsOf& bounds_of,
                   const Leaf& leaf, Record& record);

/// One for each thread.
using Evaluators = tbb::enumerable_thread_specific<cost::Evaluator>;

/// The loops chosen by group in every order that can matter. False if the budget ended first.
bool search_orders(const Frame& frame, const Ledger& ledger, std::span<const double> floor,
                   std::span<const SpatialChoice* const> choices,
                   std::span<const Candidate* const> chosen, cost::Evaluator& evaluator,
                   Record& record);

/// Searches all combinations of the groups' candidates and loop orders. False if the budget ended
/// first.
bool search_temporal(const Frame& frame, const Ledger& ledger, const Combination& combination,
                     std::span<const SpatialChoice* const> choices, Evaluators& evaluators,
                     Record& record);

}  // namespace tileloom::mapper::product
