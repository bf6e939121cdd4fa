#pragma once
// One of the searchers that Timeloop runs side by side, a thread each there.

#include "tileloom/mapper/timeloop_like/subspace.hpp"
#include "tileloom/mapper/timeloop_like/timeloop_like.hpp"

namespace tileloom::mapper {

/// What became of one mapping.
enum class Verdict : std::uint8_t {
  rejected,   ///< by fanout or rule, before any evaluation
  too_large,  ///< some tile does not fit into its memory
  valid,
  improved  ///< valid, and the best of this walker so far
};

/// Scores a legal mapping.
using Visit = std::function<Verdict(const Point& point)>;

/// Walks through factorisations one after the other and reports every mapping to `visit`; a
/// `rejected` one has no point.
class Walker {
 public:
  Walker(const MapSpace& space, const std::vector<TilingLevel>& levels,
         const FactorisationSampler& sampler, const TimeloopOptions& options, std::uint64_t seed);

  /// Draws a factorisation, or goes through all splits and placements under the next orders of the
  /// one it is at. Stops early once `finished()`.
  void step(const Visit& visit, const std::function<bool()>& finished);
  /// Timeloop's stop rules: too many invalid mappings since the last valid one, or too many valid
  /// ones since the last improvement.
  bool stopped() const;
  std::int64_t rejected() const { return rejected_; }

 private:
  bool visit_splits(const Visit& visit, const std::function<bool()>& finished);
  bool next_orders();
  void count(Verdict verdict);

  const MapSpace& space_;
  const FactorisationSampler& sampler_;
  const TimeloopOptions& options_;
  Subspace subspace_;
  Random random_;
  bool inside_ = false;           ///< a factorisation is being walked
  std::int64_t orders_left_ = 0;  ///< to draw for it, random_pruned
  std::int64_t rejected_ = 0;
  std::int64_t invalid_in_a_row_ = 0;
  std::int64_t since_improvement_ = 0;
};

}  // namespace tileloom::mapper
