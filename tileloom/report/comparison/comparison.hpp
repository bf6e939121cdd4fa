#pragma once
// Several mappers on the same operators: what each found when, and what that is worth. The figures'
// meaning: docs/compare.md.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tileloom/cost/objective.hpp"
#include "tileloom/support/budget.hpp"

namespace tileloom::report {

/// An improvement during a search.
struct TracePoint {
  std::int64_t evaluations = 0;  ///< used when it was found, itself included
  double seconds = 0;            ///< processor time of the search until then
  cost::Score score;
};

/// One search: a mapper on an operator with a seed.
struct SearchRun {
  Proof proof = Proof::budget_spent;
  std::optional<cost::Score> score;  ///< of what it found
  cost::Score lower_bound;
  std::int64_t evaluations = 0;
  std::int64_t draws = 0;  ///< mappings looked at, 0 if the mapper does not say
  double seconds = 0;      ///< processor time
  std::vector<TracePoint> trace;
};

/// A distinct operator.
struct ComparedLayer {
  std::string name;
  std::size_t count = 1;                     ///< identical operators it stands for
  SearchRun floor;                           ///< by `exact` on a budget of its own
  std::vector<std::vector<SearchRun>> runs;  ///< [mapper][seed]
  /// What the layer's values are divided by: the proved optimum, else the bound no mapping of
  /// exact's space can go below.
  double reference() const;
};

struct Comparison {
  std::string model;
  std::string architecture;
  cost::Objective objective;
  std::int64_t evaluations = 0;  ///< of every search
  std::vector<std::uint64_t> seeds;
  std::vector<std::string> mappers;
  std::vector<ComparedLayer> layers;

  /// Layers whose optimum is proved.
  std::size_t proved() const;
};

/// The middle one, the least and the largest over the seeds.
struct Spread {
  double median = 0;
  double least = 0;
  double most = 0;
};

/// Of some figures, at least one; the lower middle one of an even number.
Spread spread(std::vector<double> figures);

/// How a mapper's best values stand over the floor after a share of the run: geometric mean over
/// the layers of value / reference, per seed. Absent if a seed has no mapping for some layer by
/// then.
std::optional<Spread> after_evaluations(const Comparison& comparison, std::size_t mapper,
                                        std::int64_t evaluations);
std::optional<Spread> after_seconds(const Comparison& comparison, std::size_t mapper,
                                    double seconds);
/// Of one layer at the end of the runs.
std::optional<Spread> at_end(const ComparedLayer& layer, std::size_t mapper);

}  // namespace tileloom::report
