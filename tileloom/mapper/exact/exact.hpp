#pragma once
#include "tileloom/mapper/mapper.hpp"

namespace tileloom::mapper {

/// Branch and bound over the level-structured mappings with perfect factors: complete on small
/// spaces, with a valid lower bound on all.
class ExactMapper final : public Mapper {
 public:
  MapResult map(const Problem& problem, const Budget& budget,
                const OnProgress& on_progress) const override;
};

}  // namespace tileloom::mapper
