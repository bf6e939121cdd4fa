#pragma once
// The tilings worth timing: every tiling looked at by estimate, the best of them kept.

#include <cstdint>
#include <vector>

#include "tileloom/target/vta/tuning/tune.hpp"

namespace tileloom::target::vta {

struct TileCandidate {
  std::int64_t estimate = 0;  ///< [cycles]
  Tiling tiling;
};

/// At most `options.timed` tilings that fit, the best by estimate first.
std::vector<TileCandidate> best_estimated(const Config& config, const Nest& nest,
                                          const TuneOptions& options);

/// The tiling with as many slots as are of use and fit; `most` > 0: at most so many of each operand.
/// Requires the tiles to fit.
Tiling with_slots(const Config& config, const Nest& nest, Tiling tiling, std::int64_t most);

}  // namespace tileloom::target::vta
