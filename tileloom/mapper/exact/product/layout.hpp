#pragma once
// Where a candidate's numbers stand: one column for every boundary quantity, every group that may
// slide, and every block that may be the innermost to move the child's box.
// docs/exact_mapper.md, section 3.

#include <cstdint>
#include <optional>
#include <vector>

#include "tileloom/mapper/exact/product/placement.hpp"
#include "tileloom/mapper/exact/product/skeleton.hpp"

namespace tileloom::mapper::product {

/// Columns of one quantity: [variant · blocks + block].
struct Quantity {
  std::size_t boundary = 0;
  bool each = false;  ///< every position counted; else united as the boundary shares
  std::size_t offset = 0;
  std::size_t variants = 1;  ///< groups that may slide; 1 if none does
  std::size_t blocks = 1;    ///< child's block + 2 (the last: everything counts), lanes: 1
  std::vector<std::size_t> most;  ///< by variant: its first place in Candidate::most of its group
};

struct Layout {
  std::vector<Quantity> quantities;
  std::size_t columns = 0;
  /// By boundary: the block directly above its child; absent for the lanes.
  std::vector<std::optional<std::size_t>> child_block;
  /// By boundary: groups with a general axis of its operand.
  std::vector<std::vector<std::size_t>> sliding;
  /// By boundary: what crosses it can change the objective.
  std::vector<bool> counts;
};

/// Whether moves through a boundary pass a port with a limit. Returns of partial sums one memory
/// further in are counted with the elements that the parent takes.
bool counts_for_latency(const Terrain& terrain, const Placement& placement,
                        const Boundary& boundary);

/// `energy`: the objective depends on it; else only memories with a bounded port count.
Layout make_layout(const Terrain& terrain, const Placement& placement, const Skeleton& skeleton,
                   bool energy);

}  // namespace tileloom::mapper::product
