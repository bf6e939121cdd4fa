#pragma once
// What can be chosen about GAMMA. Rates are those of the published program (revision 3d6caf8);
// `as_published` has all of its defaults.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace tileloom::mapper {

/// What one part of an axis may do: GAMMA's flexibility constraints that Constraints cannot say,
/// because they tell the levels of one axis apart.
struct PartRule {
  std::size_t part = 0;            ///< 0 = the outermost level of parallelism
  std::vector<std::string> ranks;  ///< it may spread only these (as far as the operator has them)
  std::optional<std::int64_t> positions;  ///< it has exactly so many (GAMMA's sp_sz)
  bool operator==(const PartRule&) const = default;
};

struct GammaOptions {
  std::size_t levels = 3;         ///< of parallelism per axis, 1 to 3 (the published default is 2)
  std::size_t ranks = 2;          ///< that one level may spread (1)
  std::size_t population = 200;   ///< individuals of one generation (published: 100)
  double parents = 0.60;          ///< share of a generation that breeds (0.40)
  double elites = 0.03;           ///< share that lives on unchanged (0.05)
  double crossover = 0.57;        ///< per pair
  double reorder = 0.47;          ///< per individual
  double mutation = 0.53;         ///< per try
  int mutation_tries = 3;         ///< per individual
  double mutate_parallel = 0.10;  ///< two levels swap their ranks; per individual
  double growth = 0.57;           ///< one level of parallelism more; per individual
  double aging = 0.27;            ///< one less; per individual
  std::vector<PartRule> rules;
  /// A fixed or partly fixed accelerator (flexibility.hpp): "dla", "eyeriss:1001"; empty = none.
  std::string dataflow;

  // Deviations, each off in `as_published`.
  bool fit = true;     ///< tiles that do not fit are cut until they do, instead of dying
  bool seeded = true;  ///< the first generation starts from spreads with few steps
  bool guided = true;  ///< most children are one guided move away from a good individual
  bool bypass = true;  ///< whether a memory keeps a tensor is a gene
  bool renew = true;   ///< nothing is scored twice, and a search that stands still starts anew
  double guided_share = 0.6;  ///< of the children, if `guided`
  int niche = 1;              ///< most individuals of one kind (see niche_of); 0 = any number
  int patience = 1000;        ///< generations without a better best before a new start, if `renew`
  bool operator==(const GammaOptions&) const = default;
};

/// The published operators alone: no deviation.
GammaOptions as_published();

/// Everything about the options that can change an answer.
std::string identity(const GammaOptions& options);

}  // namespace tileloom::mapper
