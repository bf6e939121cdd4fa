#pragma once
// What a level that does not store a dataspace does to the traffic around it (reference text 2.6).

#include <cstdint>
#include <vector>

#include "tileloom/cost/profiles/timeloop/traffic.hpp"

namespace tileloom::cost::timeloop {

/// Traffic of one dataspace at every level, after bypass.
struct Flow {
  std::vector<Traffic> below;   ///< per level: to its children
  std::vector<double> content;  ///< words accessed at the level's own storage; 0 if bypassed
  std::vector<double> share;    ///< words that arrive per instance from outside; 0 if bypassed
};

/// From inner to outer: if level c does not keep `space`, every record of its parent o grows by
///     f = content_c · fanout_o / Σ_records(words_o · m)
/// Multicast at o is kept, reuse in time at c is lost, neighbours pass nothing on.
Flow bypass(const Mapping& mapping, SpaceId space, std::vector<Traffic> below);

}  // namespace tileloom::cost::timeloop
