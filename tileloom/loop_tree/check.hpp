#pragma once
#include <string>
#include <vector>

#include "tileloom/loop_tree/loop_tree.hpp"

namespace tileloom {

/// One rule a tree breaks, as a sentence with its numbers, and what would mend it.
struct Violation {
  enum class Kind : std::uint8_t {
    structure,  ///< not a schedule of this workload on this architecture
    capacity,   ///< a memory's peak occupancy exceeds its size
    fanout      ///< more positions of an axis are used than exist
  };
  Kind kind = Kind::structure;
  std::string what;
  std::string hint;
  bool operator==(const Violation&) const = default;
};

/// Every rule of docs/cost_model.md section 1 ("Legal trees") the tree breaks; empty = legal.
/// Structure is checked first; capacity and fanout only for trees whose structure is legal.
std::vector<Violation> check(const Workload& workload, const Architecture& arch,
                             const LoopTree& tree);

}  // namespace tileloom
