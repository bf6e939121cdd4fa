#pragma once
#include "tileloom/mapper/mapper.hpp"

namespace tileloom::mapper {

struct RandomOptions {
  bool imperfect = false;  ///< factors that do not divide the extents, too
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
