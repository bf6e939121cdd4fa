#include "tileloom/target/vta/codegen/layer_steps.hpp"

#include <algorithm>

#include "tileloom/support/checked.hpp"

namespace tileloom::target::vta {
namespace {

/// Portable immediate shifts go up to 15 to the right.
constexpr std::int64_t kMostShift = 15;
constexpr std::int64_t kUnit = 127;

Load one_row(Memory memory, std::int64_t sram_base, std::int64_t dram_base, std::int64_t count) {
  Load load;
  load.memory = memory;
  load.sram_base = sram_base;
  load.dram_base = dram_base;
  load.x_size = load.x_stride = count;
  return load;
}

void alu(ProgramWriter& writer, AluOp op, std::int64_t immediate, const LoopNest& loops) {
  Alu operation;
  operation.op = op;
  operation.use_immediate = true;
  operation.immediate = immediate;
  operation.loops = loops;
  operation.destination = operation.source = {0, 1};
  writer.add({}, operation);
}

void emit_shift(ProgramWriter& writer, std::int64_t shift, const LoopNest& loops) {
  for (; shift > kMostShift; shift -= kMostShift) {
    alu(writer, AluOp::shift_right, kMostShift, loops);
  }
  if (shift != 0) alu(writer, AluOp::shift_right, shift, loops);
}

/// One lane's share of what is left of a bias.
std::int8_t take(std::int64_t& left, std::int64_t unit) {
  const std::int64_t digit = std::clamp<std::int64_t>(left / unit, -127, 127);
  left -= digit * unit;
  return static_cast<std::int8_t>(digit);
}

}  // namespace

std::int64_t shift_instructions(std::int64_t right) {
  return right < 0 ? 1 : ceil_div(right, kMostShift);
}

StoredOperand tensor_layout(const Config& config, const ImageShape& shape) {
  StoredOperand stored;
  const std::array<std::int64_t, 4> extents{ceil_div(shape.batch, config.batch()),
                                            ceil_div(shape.channels, config.block_out()),
                                            shape.rows, shape.columns};
  stored.axes.resize(extents.size());
  for (std::size_t a = extents.size(); a-- > 0;) {
    stored.axes[a] = {0, extents[a], stored.blocks};
    stored.blocks = checked_mul(stored.blocks, extents[a]);
  }
  return stored;
}

std::string bias_vector(const Config& config) {
  std::string row(static_cast<std::size_t>(config.block_in()), static_cast<char>(kUnit));
  row.back() = 1;
  std::string element;
  for (std::int64_t b = 0; b < config.batch(); ++b) element += row;
  return element;
}

std::string bias_tiles(const Config& config, const std::vector<std::int32_t>& bias) {
  const auto lanes = static_cast<std::size_t>(config.block_in());
  const std::size_t blocks = static_cast<std::size_t>(
      ceil_div(static_cast<std::int64_t>(bias.size()), config.block_out()));
  std::vector<std::int64_t> left(bias.begin(), bias.end());
  left.resize(blocks * static_cast<std::size_t>(config.block_out()), 0);
  std::string tiles;
  while (std::any_of(left.begin(), left.end(), [](std::int64_t b) { return b != 0; })) {
    for (std::int64_t& b : left) {
      for (std::size_t lane = 0; lane + 1 < lanes; ++lane) {
        tiles += static_cast<char>(take(b, kUnit));
      }
      tiles += static_cast<char>(take(b, 1));
    }
  }
  return tiles;
}

std::string diagonal_tile(const Config& config, const std::vector<std::int8_t>& values) {
  const auto lanes = static_cast<std::size_t>(config.block_in());
  std::string tile(lanes * static_cast<std::size_t>(config.block_out()), '\0');
  for (std::size_t i = 0; i < values.size(); ++i) {
    tile[i * lanes + i] = static_cast<char>(values[i]);
  }
  return tile;
}

ConstantPlaces constant_places(const Config& config, const LayerSurroundings& layer) {
  ConstantPlaces places;
  places.inputs = layer.bias_sets > 0 ? 1 : 0;
  const std::int64_t bias = layer.bias_sets * layer.channel_blocks;
  places.weights = bias + (layer.other_address ? 1 : 0);
  places.vector = depth(config, Memory::input) - 1;
  places.bias = depth(config, Memory::weight) - bias;
  places.factor = depth(config, Memory::weight) - places.weights;
  return places;
}

std::vector<Load> constant_loads(const Config& config, const LayerSurroundings& layer) {
  const ConstantPlaces places = constant_places(config, layer);
  const std::int64_t weight = element_bytes(config, Memory::weight);
  std::vector<Load> loads;
  if (layer.bias_sets > 0) {
    loads.push_back(one_row(Memory::input, places.vector,
                            layer.vector_address / element_bytes(config, Memory::input), 1));
    loads.push_back(one_row(Memory::weight, places.bias, layer.bias_address / weight,
                            layer.bias_sets * layer.channel_blocks));
  }
  if (layer.other_address) {
    loads.push_back(one_row(Memory::weight, places.factor, layer.factor_address / weight, 1));
  }
  return loads;
}

void add_bias(ProgramWriter& writer, const Config& config, const LayerSurroundings& layer,
              const ResultBox& box) {
  const ConstantPlaces places = constant_places(config, layer);
  for (std::int64_t set = 0; set < layer.bias_sets; ++set) {
    Gemm gemm;
    gemm.loops = writer.loops_of(
        {{box.base, places.vector, places.bias + set * layer.channel_blocks + box.low}});
    gemm.loops.iter_outer = box.count;
    gemm.loops.iter_inner = box.plane;
    gemm.destination = {box.count > 1 ? box.plane : 0, 1};
    gemm.weight = {1, 0};
    writer.add({}, gemm);
  }
}

std::optional<std::size_t> finish_sums(ProgramWriter& writer, const Config& config,
                                       const LayerSurroundings& layer, std::int64_t base,
                                       std::int64_t entries, std::int64_t other) {
  std::optional<std::size_t> last_gemm;
  const LoopNest all = writer.entries(base, entries);
  emit_shift(writer, layer.rescale.pre_shift, all);
  if (layer.other_address) {
    Gemm gemm;
    gemm.loops = writer.loops_of({{base, other, constant_places(config, layer).factor}});
    gemm.loops.iter_inner = entries;
    gemm.destination = gemm.source = {0, 1};
    writer.add({}, gemm);
    last_gemm = writer.size() - 1;
  }
  // The first sequence may have been displaced.
  const LoopNest again = layer.other_address ? writer.entries(base, entries) : all;
  emit_shift(writer, layer.rescale.shift, again);
  alu(writer, AluOp::maximum, layer.rescale.low, again);
  alu(writer, AluOp::minimum, layer.rescale.high, again);
  return last_gemm;
}

}  // namespace tileloom::target::vta
