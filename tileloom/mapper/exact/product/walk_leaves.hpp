#pragma once
// Walks (R13) with their leaves evaluated: the second search over the temporal loops of a complete
// spatial choice, beside search_temporal.

#include <memory>
#include <span>
#include <vector>

#include "tileloom/mapper/exact/product/walks.hpp"

namespace tileloom::mapper::product {

/// Searches all temporal loops of a complete spatial choice under all orders of its Stores. What it
/// is made of outlives it.
class LeafWalks {
 public:
  /// `layouts`: by skeleton.
  LeafWalks(ChainBound& chains, std::span<const Skeleton> skeletons,
            std::span<const Layout> layouts, Evaluators& evaluators, Record& record);
  ~LeafWalks();

  /// As WalkSearch::run, by skeleton.
  bool run(std::vector<bool>& done);

 private:
  class Leaves;
  std::vector<std::unique_ptr<Leaves>> leaves_;  ///< by skeleton, made when first needed
  WalkSearch walks_;
};

/// False where walks tell little: operators whose windows slide over inputs that have every rank
/// (depthwise convolutions), so that no loop visits them again.
bool worth_walks(const Terrain& terrain);

}  // namespace tileloom::mapper::product
