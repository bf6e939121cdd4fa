#pragma once
#include <optional>
#include <vector>

#include "tileloom/cost/evaluator.hpp"
#include "tileloom/cost/objective.hpp"
#include "tileloom/mapper/genome.hpp"

namespace tileloom::mapper {

/// Scores repaired genomes of one space by cost::Evaluator; an object serves one thread and keeps
/// its working memory.
class GenomeScorer {
 public:
  explicit GenomeScorer(const GenomeSpace& space)
      : space_(space), evaluator_(*space.map.op, *space.map.arch) {}

  /// Absent if the mapping is not legal or does not fit into some memory.
  std::optional<cost::QuickCost> operator()(const Genome& genome) {
    write_path(space_, genome, chunks_, path_);
    if (!legal(space_, path_)) return std::nullopt;
    const cost::QuickCost cost = evaluator_(path_);
    if (!cost.fits) return std::nullopt;
    return cost;
  }

 private:
  const GenomeSpace& space_;
  cost::Evaluator evaluator_;
  Chunks chunks_;
  std::vector<PathNode> path_;
};

}  // namespace tileloom::mapper
