#include <algorithm>
#include <set>

#include "tileloom/support/checked.hpp"
#include "tileloom/target/vta/network/window_layer.hpp"

namespace tileloom::target::vta {
namespace {

/// Tile sizes that cut `extent` into tiles as equal as possible.
std::set<std::int64_t> equal_cuts(std::int64_t extent) {
  std::set<std::int64_t> sizes;
  for (std::int64_t parts = 1; parts <= extent; ++parts) sizes.insert(ceil_div(extent, parts));
  return sizes;
}

std::int64_t volume(const WindowTiling& tiling) {
  return tiling.channels * tiling.rows * tiling.columns;
}

}  // namespace

std::optional<WindowTiling> tune_window(const Config& config, const WindowLayer& window,
                                        const LayerSurroundings& layer,
                                        const TimingOptions& timing) {
  constexpr std::size_t kTimed = 16;
  std::vector<WindowTiling> tilings;
  const StoredOperand out = tensor_layout(config, window.output);
  for (const std::int64_t columns : equal_cuts(window.output.columns)) {
    for (const std::int64_t rows : equal_cuts(window.output.rows)) {
      for (const std::int64_t channels : equal_cuts(out.axes[1].extent)) {
        const WindowTiling tiling{channels, rows, columns};
        if (!fits(config, window, layer, tiling)) break;
        tilings.push_back(tiling);
      }
    }
  }
  std::stable_sort(tilings.begin(), tilings.end(), [](const WindowTiling& a, const WindowTiling& b) {
    return volume(a) > volume(b);
  });
  // Half as large leaves room for two: those are among the first as well.
  if (tilings.size() > kTimed) {
    const auto half = std::find_if(tilings.begin(), tilings.end(), [&](const WindowTiling& t) {
      return volume(t) <= volume(tilings.front()) / 2;
    });
    std::rotate(tilings.begin() + kTimed / 2,
                std::max(half, tilings.begin() + kTimed / 2), tilings.end());
    tilings.resize(kTimed);
  }
  std::optional<WindowTiling> best;
  Cycles fewest{};
  for (const WindowTiling& tiling : tilings) {
    const Cycles cycles =
        time(config, emit_window(config, window, layer, tiling).instructions, timing).total;
    if (best && cycles >= fewest) continue;
    best = tiling;
    fewest = cycles;
  }
  return best;
}

}  // namespace tileloom::target::vta
