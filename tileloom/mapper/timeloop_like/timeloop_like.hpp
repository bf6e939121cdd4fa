#pragma once
#include "tileloom/mapper/mapper.hpp"

namespace tileloom::mapper {

/// How the orders of a factorisation are visited.
enum class TimeloopWalk : std::uint8_t {
  random_pruned,  ///< a few orders at random
  hybrid          ///< all orders, one after the other ("random-linear hybrid")
};

/// The names are Timeloop's, 0 = no limit. It stops a thread after 1000 invalid mappings in a row
/// and after 500 valid ones without improvement; with those figures it finds nothing on machines
/// like Simba, so the defaults here are larger, or none.
struct TimeloopOptions {
  TimeloopWalk walk = TimeloopWalk::hybrid;
  std::int64_t valid_samples = 0;      ///< search-size: stop after so many valid ones in all
  std::int64_t victory_condition = 0;  ///< per walker: valid ones without improvement
  std::int64_t timeout = 100'000;      ///< per walker: invalid ones since the last valid one
  std::int64_t max_permutations_per_if_visit = 16;  ///< orders per factorisation, random_pruned
  /// Searchers side by side, each with its own random numbers; Timeloop has one per thread. 32
  /// threads of 500 valid mappings are the 16 000 of the published hybrid baseline.
  std::size_t walkers = 32;
};

/// Timeloop's searches as its documentation and the published comparisons describe them, over
/// Tileloom's level-structured map space and scored by Tileloom's cost model. The walkers take
/// turns, so the answer does not depend on the machine.
class TimeloopLikeMapper final : public Mapper {
 public:
  explicit TimeloopLikeMapper(TimeloopOptions options) : options_(options) {}
  MapResult map(const Problem& problem, const Budget& budget,
                const OnProgress& on_progress) const override;

 private:
  TimeloopOptions options_;
};

}  // namespace tileloom::mapper
