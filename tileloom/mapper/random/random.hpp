#pragma once
#include "tileloom/mapper/mapper.hpp"

namespace tileloom::mapper {

struct RandomOptions {
  bool imperfect = false;  ///< factors that do not divide the extents, too
  /// Stop after so many valid mappings; 0 = use the whole budget. "Random" of the published
  /// comparisons is the best of 5. All of them are drawn: the smallest mapping is not tried first.
  std::int64_t valid_samples = 0;
};

/// Draws as many mappings as the budget has evaluations and keeps the best: the unbiased baseline.
class RandomMapper final : public Mapper {
 public:
  explicit RandomMapper(RandomOptions options) : options_(options) {}
  MapResult map(const Problem& problem, const Budget& budget,
                const OnProgress& on_progress) const override;

 private:
  RandomOptions options_;
};

}  // namespace tileloom::mapper
