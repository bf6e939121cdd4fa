#pragma once
#include "tileloom/mapper/mapper.hpp"

namespace tileloom::mapper {

struct ExactOptions {
  bool imperfect = false;  ///< factors that do not divide the extents, too
};

/// The best mapping with a proof, or the best found with a valid lower bound. docs/exact_mapper.md
class ExactMapper final : public Mapper {
 public:
  explicit ExactMapper(ExactOptions options = {}) : options_(options) {}
  MapResult map(const Problem& problem, const Budget& budget,
                const OnProgress& on_progress) const override;

 private:
  ExactOptions options_;
};

}  // namespace tileloom::mapper
