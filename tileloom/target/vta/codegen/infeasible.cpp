#include <fmt/format.h>

#include <algorithm>

#include "tileloom/target/vta/codegen/emit.hpp"
#include "tileloom/target/vta/codegen/program_writer.hpp"

namespace tileloom::target::vta {
namespace {

/// Every zero of the data is made by loads.
bool zeros_are_padded(const Nest& nest, const Tiling& tiling) {
  const PackedOperand& data = nest.operand(Part::data);
  const std::vector<std::size_t> padded = paddable_axes(data, nest, tiling);
  for (std::size_t a = 0; a < data.axes.size(); ++a) {
    const bool zeros = data.axes[a].zero_before + data.axes[a].zero_after > 0;
    if (zeros && tiling.store_padding) return false;
    if (zeros && std::find(padded.begin(), padded.end(), a) == padded.end()) return false;
  }
  return true;
}

}  // namespace

std::string infeasible(const Config& config, const Nest& nest, const Tiling& tiling) {
  for (const PackedOperand& operand : nest.operands) {
    const Memory memory = scratchpad(operand.part);
    const std::int64_t entries = tile_blocks(operand, tiling);
    const std::int64_t slots = tiling.slots[static_cast<std::size_t>(operand.part)];
    if (entries * slots > depth(config, memory)) {
      return fmt::format("{} tiles of {} entries exceed the {} of {}", slots, entries,
                         depth(config, memory), to_string(memory));
    }
  }
  if (!nest.zeros_stored && !zeros_are_padded(nest, tiling)) {
    return "a tile lies in the padding, or next to more than 15 zeros";
  }
  for (std::size_t l = 0; l < tiling.first.size(); ++l) {
    if (tiling.first[l] < 1 || tiling.first[l] > tiling.tile[l]) {
      return fmt::format("a first tile of {} iterations beside others of {}", tiling.first[l],
                         tiling.tile[l]);
    }
  }
  const std::int64_t micro_ops =
      split_loops(nest, tiling.tile, micro_op_entries(config)).micro_ops;
  if (micro_ops > micro_op_entries(config)) {
    return fmt::format("{} micro-ops exceed the {} of the memory", micro_ops,
                       micro_op_entries(config));
  }
  for (std::int64_t tile : tiling.tile) {
    if (tile > 16383) return fmt::format("{} iterations of a loop exceed 16383", tile);
  }
  return {};
}

}  // namespace tileloom::target::vta
