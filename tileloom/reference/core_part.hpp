#pragma once
// What one tile of one core does of a block, box by box.

#include <map>
#include <vector>

#include "tileloom/workload/receptive_field.hpp"

namespace tileloom::reference {

using PartBox = PerSplit<Interval>;
std::int64_t volume(const PartBox& box);

/// What one part of the block does.
struct CorePart {
  std::vector<PartBox> ranks;  ///< per operator
  std::map<TensorId, PartBox> needed;
  std::map<TensorId, PartBox> own;  ///< shares of what leaves the block (or, exchanged, of all)
};

/// Of tile `tile` of core `core`: both count along the axes that `tiles` and `cores` divide, the
/// last axis fastest.
CorePart core_part(const NetworkField& field, const Block& block, Halo halo,
                   const PerSplit<std::int64_t>& cores, std::int64_t core,
                   const PerSplit<std::int64_t>& tiles, std::int64_t tile);

}  // namespace tileloom::reference
