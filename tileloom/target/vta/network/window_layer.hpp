#pragma once
// Layers without a sum over channels: depthwise convolution, averages, plain addition (a 1x1 window)
// and max pooling.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tileloom/support/quantity.hpp"
#include "tileloom/target/vta/codegen/layer_steps.hpp"
#include "tileloom/target/vta/codegen/layer_chain.hpp"
#include "tileloom/target/vta/simulator/timing.hpp"

namespace tileloom::target::vta {

struct WindowLayer {
  IntegerKind kind = IntegerKind::max_pool;
  ImageShape input;
  ImageShape output;
  WindowAxis rows;
  WindowAxis columns;
  /// All weights are equal: one diagonal tile serves every tap and channel. True for a maximum,
  /// which multiplies by 1 to bring its input into the accumulators.
  bool one_weight = true;
};

/// The WGT elements of the layer: per channel block and tap a tile with the weights on its diagonal,
/// or the only one.
std::string window_weights(const Config& config, const WindowLayer& layer,
                           const std::vector<std::int8_t>& weights);

/// Sizes of a tile of the result, per batch block. [channel blocks, rows, columns]
struct WindowTiling {
  std::int64_t channels = 1;
  std::int64_t rows = 1;
  std::int64_t columns = 1;
};

struct WindowProgram {
  std::vector<Instruction> instructions;
  std::vector<std::uint32_t> micro_ops;
  std::int64_t gemm_steps = 0;
  std::vector<PendingStore> pending;  ///< left to the next layer
};

/// Two tiles at a time. Requires fits().
WindowProgram emit_window(const Config& config, const WindowLayer& window,
                          const LayerSurroundings& layer, const WindowTiling& tiling,
                          const std::vector<PendingStore>& pending = {});

bool fits(const Config& config, const WindowLayer& window, const LayerSurroundings& layer,
          const WindowTiling& tiling);

/// The fastest tiling by the cycle model of those with the largest tiles; nothing if none fits.
std::optional<WindowTiling> tune_window(const Config& config, const WindowLayer& window,
                                        const LayerSurroundings& layer,
                                        const TimingOptions& timing);

}  // namespace tileloom::target::vta
