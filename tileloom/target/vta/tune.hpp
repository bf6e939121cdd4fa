#pragma once
// Chooses a tiling by the cycle model.

#include <cstdint>
#include <optional>
#include <vector>

#include "tileloom/target/vta/emit.hpp"
#include "tileloom/target/vta/estimate.hpp"

namespace tileloom::target::vta {

struct TuneOptions {
  /// The schedule of TVM's VTA convolutions: tiles in one order of loops, windows whole, inputs and
  /// weights loaded for every tile, at most two virtual threads.
  bool fixed_strategy = false;
  /// Order of the parallel loops over tiles, outermost first, for the fixed strategy.
  std::vector<std::size_t> fixed_order;
  std::int64_t sizes = 12;  ///< tile sizes looked at per loop, at most
  std::int64_t timed = 40;  ///< tilings that the cycle model times
  TimingOptions timing;
};

struct Tuned {
  Tiling tiling;
  Cycles cycles{};
};

/// The best of all tilings by estimate, of those the best by time(); nothing if none fits.
std::optional<Tuned> tune(const Config& config, const Nest& nest, const Epilogue& epilogue,
                          const TuneOptions& options);

}  // namespace tileloom::target::vta
