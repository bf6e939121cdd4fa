#include "tileloom/mapper/cosa/cosa.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "tileloom/mapper/cosa/program.hpp"
#include "tileloom/mapper/cosa/repair.hpp"
#include "tileloom/mapper/cosa/ties.hpp"
#include "tileloom/mapper/memory_bit.hpp"
#include "tileloom/support/nearest.hpp"

namespace tileloom::mapper {
namespace {

using namespace cosa;

/// Solutions of programs that were tightened in between.
constexpr int kRounds = 40;
/// One program may use this share of the budget as nodes; what is left open is the proxy's gap.
constexpr std::int64_t kNodeShare = 40;
/// Where the proxy's optimum overflows, allocations that fit count as tied with it if their proxy
/// value is at most this much (relative) above.
constexpr double kSlack = 0.01;
/// A mapping this many times above the bound is one that the proxy misjudges ...
constexpr double kFar = 8;
/// ... and is left for any whose proxy value is at most this much (relative) above.
constexpr double kWideSlack = 0.1;
/// Evaluations of one walk over ties.
constexpr std::int64_t kWalk = 2'000;

/// What the rounds of one operator leave behind.
struct Outcome {
  std::optional<Chosen> best;
  std::optional<Allocation> solution;  ///< the last one
  solver::Solution last;
  int rounds = 0;
  bool slack_used = false;  ///< `best` is only nearly tied with the proxy's optimum
  bool misjudged = false;   ///< `best` is not tied, but far cheaper than what is
  std::string overflow;  ///< of the first solution
  std::int64_t evaluations = 0;
};

Terms initial_terms(const Shape& shape, const CosaOptions& options) {
  Terms terms;
  terms.equations.stride_per_factor = options.published_stride;
  terms.tightened.assign(shape.buffers.size(), 0);
  terms.partial_widths.assign(shape.buffers.size(), false);
  return terms;
}

/// Solve; among the ties take the cheapest that fits; if none does, tighten and solve again.
Outcome solve_and_repair(const MapSpace& space, const Shape& shape, const Problem& problem,
                         const CosaOptions& options, const Budget& budget,
                         const cost::Score& bound) {
  Outcome outcome;
  Terms terms = initial_terms(shape, options);
  while (outcome.rounds < kRounds && !budget.stopped() &&
         (outcome.rounds == 0 || outcome.evaluations < budget.evaluations)) {
    ++outcome.rounds;
    const Program program = options.published_formulation ? published(space, shape, terms)
                                                          : aggregated(space, shape, terms);
    const std::int64_t left = std::max<std::int64_t>(1, budget.evaluations - outcome.evaluations);
    outcome.last = solver::solve(
        program.mip,
        {.backend = options.solver,
         .nodes = std::clamp<std::int64_t>(budget.evaluations / kNodeShare, 1, left),
         .stop = budget.stop});
    outcome.evaluations += outcome.last.nodes;
    if (!outcome.last.values) break;
    outcome.solution = allocation_of(shape, program, *outcome.last.values);
    const auto walk = [&](double slack) {
      const TieResult tie = best_tie(
          space, shape, terms, *outcome.solution, problem.objective,
          {.ties = !options.published_ties,
           .slack = slack,
           .most = std::clamp<std::int64_t>(budget.evaluations - outcome.evaluations, 1, kWalk)});
      outcome.evaluations += tie.evaluations;
      if (!outcome.best || (tie.best && tie.best->score < outcome.best->score))
        outcome.best = tie.best;
    };
    // A tightened program's optimum is none of the proxy's: there the exact cost has its say, too.
    const bool tightened = outcome.rounds > 1 && !options.published_ties;
    walk(tightened ? kSlack : 0);
    if (!outcome.best && !options.published_capacity && !options.published_ties) {
      walk(kSlack);
      outcome.slack_used = outcome.best.has_value();
    }
    const bool may_go_on = !budget.stopped() && outcome.evaluations < budget.evaluations;
    if (outcome.best && !options.published_ties && may_go_on &&
        outcome.best->score.first > kFar * bound.first) {
      const cost::Score tied = outcome.best->score;
      walk(kWideSlack);
      outcome.misjudged = outcome.best->score < tied;
    }
    if (outcome.best || options.published_capacity) break;
    const std::string overflow = tighten(space, shape, *outcome.solution, terms);
    if (outcome.rounds == 1) outcome.overflow = overflow;
    if (overflow.empty()) break;  // illegal for another reason
  }
  return outcome;
}

/// A map space of which some Stores may have been left out, and what was found there.
struct Attempt {
  MapSpace space;
  Shape shape;
  Outcome outcome;
  std::vector<std::string> left_out;  ///< "Buffer,W"
};

/// With every Store; where not even single elements fit beside each other, without the largest
/// that is in the way, then the next.
Attempt attempt(const MapSpace& space, const Problem& problem, const CosaOptions& options,
                const Budget& budget, const cost::Score& bound) {
  Attempt now{space, shape_of(space), {}, {}};
  if (!now.shape.inexpressible.empty()) return now;
  now.outcome = solve_and_repair(now.space, now.shape, problem, options, budget, bound);
  while (!now.outcome.best && now.outcome.solution && !options.published_capacity &&
         !budget.stopped() && now.outcome.evaluations < budget.evaluations) {
    const auto b = in_the_way(now.space, now.shape, *now.outcome.solution);
    if (!b) break;
    const Buffer& buffer = now.shape.buffers[*b];
    Attempt next = now;
    next.space.residents[buffer.operand].may_keep &= ~bit(buffer.memory);
    next.left_out.push_back(buffer.name);
    next.shape = shape_of(next.space);
    if (!next.shape.inexpressible.empty()) break;
    Budget rest = budget;
    rest.evaluations = budget.evaluations - now.outcome.evaluations;
    next.outcome = solve_and_repair(next.space, next.shape, problem, options, rest, bound);
    next.outcome.evaluations += now.outcome.evaluations;
    now = std::move(next);
  }
  return now;
}

/// How far the proxy's value is from its optimum, and what was done to it.
std::string space_of(const CosaOptions& options, const Attempt& tried) {
  const auto& [space, shape, outcome, left_out] = tried;
  std::string text = fmt::format(
      "CoSA's: prime factors, every Store kept{}{}, loop order at {} of {} classes",
      left_out.empty() ? "" : " but ", fmt::join(left_out, " and "),
      shape.places[shape.permuted].name, shape.classes.size());
  if (outcome.last.proof == Proof::optimal) {
    text += "; its objective is at its optimum";
  } else if (outcome.last.values && outcome.last.bound > -solver::kUnbounded) {
    text += fmt::format("; its objective is within {:.2f} % of its optimum (nodes ran out)",
                        100 * (outcome.last.value - outcome.last.bound) /
                            std::max(std::abs(outcome.last.value), 1e-9));
  }
  if (outcome.misjudged) {
    text += fmt::format("; its schedule costs far above the bound, so the best that fits whose "
                        "objective is within {:.0f} % of that",
                        100 * kWideSlack);
  } else if (outcome.slack_used) {
    text += fmt::format("; which overflows, so the best that fits within {:.0f} % of it", 100 * kSlack);
  }
  if (outcome.rounds > 1) {
    text += fmt::format("; tightened and solved again {} times", outcome.rounds - 1);
  }
  if (options.published_formulation) text += "; program as published";
  return text;
}

std::string why_none(const CosaOptions& options, const Attempt& tried) {
  const auto& [space, shape, outcome, left_out] = tried;
  if (!outcome.solution) {
    return outcome.last.proof == Proof::infeasible
               ? "CoSA's program has no solution under the constraints"
               : "CoSA's program found no solution within the budget: raise --budget";
  }
  Terms unused = initial_terms(shape, options);
  const std::string overflow = tighten(space, shape, *outcome.solution, unused);
  if (!overflow.empty()) return "CoSA's schedule does not fit: " + overflow;
  return "CoSA's schedule breaks a rule of the machine or of the constraints that its program "
         "cannot express";
}

}  // namespace

Result<CosaOptions> cosa_options(std::span<const std::string> as_published,
                                 std::string_view solver) {
  const std::vector<std::string> words = {"formulation", "stride", "capacity", "ties", "all"};
  CosaOptions options;
  Diagnostics mistakes;
  for (const std::string& word : as_published) {
    if (std::ranges::find(words, word) == words.end()) {
      mistakes.push_back({{},
                          fmt::format("--published '{}' is no part of CoSA's program", word),
                          suggestion(word, words)});
    }
    const bool all = word == "all";
    options.published_formulation = options.published_formulation || all || word == "formulation";
    options.published_stride = options.published_stride || all || word == "stride";
    options.published_capacity = options.published_capacity || all || word == "capacity";
    options.published_ties = options.published_ties || all || word == "ties";
  }
  const Result<solver::Backend> backend = solver::parse_backend(solver);
  if (!backend) {
    mistakes.insert(mistakes.end(), backend.error().begin(), backend.error().end());
  }
  if (!mistakes.empty()) return tl::unexpected(mistakes);
  options.solver = *backend;
  return options;
}

std::string to_string(const CosaOptions& options) {
  return fmt::format("published={}{}{}{} solver={}", options.published_formulation ? "F" : "-",
                     options.published_stride ? "S" : "-", options.published_capacity ? "C" : "-",
                     options.published_ties ? "T" : "-", solver::to_string(options.solver));
}

MapResult CosaMapper::map(const Problem& problem, const Budget& budget,
                          const OnProgress& on_progress) const {
  const MapSpace space =
      make_map_space(problem.workload, problem.op, problem.arch, problem.constraints);
  MapResult result;
  result.lower_bound = bound_score(space, problem.objective);
  result.reason = why_infeasible(space);
  if (!result.reason.empty()) {
    result.proof = Proof::infeasible;
    return result;
  }
  const cost::Score bound = result.lower_bound;
  const Attempt tried = attempt(space, problem, options_, budget, bound);
  const Outcome& outcome = tried.outcome;
  if (!tried.shape.inexpressible.empty()) {
    result.reason = tried.shape.inexpressible;
    return result;
  }
  if (outcome.best) {
    result = answer(problem, tried.space, outcome.best->point);
    result.proof = outcome.best->score <= bound ? Proof::optimal : Proof::feasible;
    result.lower_bound = bound;
    if (on_progress) on_progress({outcome.best->score, bound, outcome.evaluations});
  } else {
    result.reason = why_none(options_, tried);
  }
  result.space = space_of(options_, tried);
  result.evaluations = outcome.evaluations;
  return result;
}

}  // namespace tileloom::mapper
