#include "tileloom/target/vta/network/layer_plan.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "tileloom/embedder/embedder.hpp"
#include "tileloom/support/checked.hpp"
#include "tileloom/target/vta/network/fewest_shifts.hpp"
#include "tileloom/target/vta/tuning/host.hpp"
#include "tileloom/workload/make.hpp"

namespace tileloom::target::vta {
namespace {

constexpr std::int64_t kMostBiasSets = 8;

ConvAxis conv_axis(const WindowAxis& axis, std::int64_t input, std::int64_t output) {
  return {.output = output,
          .filter = axis.size,
          .stride = axis.stride,
          .dilation = axis.dilation,
          .pad_before = axis.before,
          .input = input,
          .pad_after = axis.after};
}

Operator convolution(const IntegerNetwork& network, std::size_t index) {
  const IntegerLayer& layer = network.layers[index];
  const ImageShape& in = network.input_of(layer).shape;
  const ImageShape& out = network.output_of(index).shape;
  const ConvShape shape{.batch = in.batch,
                        .in_channels = in.channels,
                        .out_channels = out.channels,
                        .axes = {conv_axis(layer.rows, in.rows, out.rows),
                                 conv_axis(layer.columns, in.columns, out.columns)}};
  return make_conv(layer.name, shape, {}, TensorId{0}, TensorId{1}, TensorId{2});
}

/// The axis of the tensor along which a packed axis moves, and by how much per block.
struct AxisUnit {
  std::size_t axis = 0;
  std::int64_t unit = 1;
};
std::optional<AxisUnit> unit_of(const Operator& op, const CompiledOperator& compiled,
                                const PackedAxis& packed) {
  if (packed.shared_axis) return AxisUnit{*packed.shared_axis, packed.unit};
  const std::vector<OuterLoop> loops = outer_loops(op, {}, compiled.embedding);
  for (const PackedTerm& term : packed.terms) {
    for (std::size_t a = 0; a < op.inputs[0].axes.size(); ++a) {
      for (const Term& of : op.inputs[0].axes[a].terms) {
        if (of.rank == loops[term.loop].ranks.front()) return AxisUnit{a, of.coefficient};
      }
    }
  }
  return std::nullopt;
}

/// A tensor as the data of a convolution sees it.
struct DataView {
  StoredOperand stored;
  std::int64_t offset = 0;  ///< of the first block that is read [blocks]
};

/// The largest index that the loops reach along an axis.
std::int64_t reach(const Operator& op, const Axis& axis) {
  std::int64_t last = axis.offset;
  for (const Term& term : axis.terms) last += term.coefficient * (op.rank(term.rank).extent - 1);
  return last;
}

/// A load pads rows only where its columns are dense.
bool loses_padding(const std::vector<PackedAxis>& packed,
                   const std::vector<std::optional<AxisUnit>>& units, const StoredOperand& stored) {
  bool padded_rows = false;
  bool sparse_columns = false;
  std::int64_t columns = 0;
  for (std::size_t p = 0; p < packed.size(); ++p) {
    if (!units[p] || packed[p].extent == 1) continue;
    const bool zeros = packed[p].zero_before + packed[p].zero_after > 0;
    if (units[p]->axis == 2) padded_rows = padded_rows || zeros;
    if (units[p]->axis != 3) continue;
    sparse_columns = sparse_columns || ++columns > 1 || stored.axes[p].stride != 1;
  }
  return padded_rows && sparse_columns;
}

/// Coordinate c of the only packed axis that moves along an image axis is the index offset + unit·c.
/// Where several do, or none, nothing may lie outside the image: then there is no view.
std::optional<DataView> data_view(const Config& config, const Operator& op,
                                  const CompiledOperator& compiled, const ImageShape& shape) {
  const StoredOperand tensor = tensor_layout(config, shape);
  const std::vector<PackedAxis>& packed = compiled.nest.operand(Part::data).axes;
  std::array<std::int64_t, 4> movers{};
  std::vector<std::optional<AxisUnit>> units;
  for (const PackedAxis& axis : packed) {
    units.push_back(unit_of(op, compiled, axis));
    if (units.back() && axis.extent > 1) ++movers[units.back()->axis];
  }
  for (std::size_t a = 2; a < movers.size(); ++a) {
    const Axis& axis = op.inputs[0].axes[a];
    if (movers[a] != 1 && (axis.offset != 0 || reach(op, axis) >= axis.extent)) return std::nullopt;
  }
  DataView view;
  view.stored.blocks = tensor.blocks;
  for (std::size_t p = 0; p < packed.size(); ++p) {
    if (!units[p] || packed[p].extent == 1) {
      view.stored.axes.push_back({0, 1, 1});
      continue;
    }
    const auto [a, unit] = *units[p];
    const std::int64_t stride = tensor.axes[a].stride;
    if (a < 2 || movers[a] > 1) {
      view.stored.axes.push_back({0, packed[p].extent, (a < 2 ? 1 : unit) * stride});
      continue;
    }
    const Axis& axis = op.inputs[0].axes[a];
    const std::int64_t first = ceil_div(std::max<std::int64_t>(0, -axis.offset), unit);
    const std::int64_t index = axis.offset + unit * first;
    const std::int64_t inside = (axis.extent - 1 - index) / unit + 1;
    view.stored.axes.push_back({first, std::min(inside, packed[p].extent - first), unit * stride});
    view.offset += index * stride;
  }
  if (loses_padding(packed, units, view.stored)) return std::nullopt;
  return view;
}

std::int64_t bias_sets(const Config& config, const LayerPlan& plan) {
  const std::int64_t set = plan.around.channel_blocks * element_bytes(config, Memory::weight);
  return static_cast<std::int64_t>(plan.bias.size()) / set;
}

bool all_equal(const std::vector<std::int8_t>& values) {
  return std::all_of(values.begin(), values.end(),
                     [&](std::int8_t value) { return value == values.front(); });
}

/// Layers with one key can share tilings: the same work in the same room.
std::string shape_key(const IntegerNetwork& network, std::size_t index, std::int64_t bias_sets) {
  const IntegerLayer& l = network.layers[index];
  const auto axis = [](const WindowAxis& a) {
    return fmt::format("{}/{}/{}/{}/{}", a.size, a.stride, a.dilation, a.before, a.after);
  };
  return fmt::format("{} {} {} {} {} {}", to_string(network.input_of(l).shape),
                     to_string(network.output_of(index).shape), axis(l.rows), axis(l.columns),
                     l.other.has_value(), bias_sets);
}

}  // namespace

bool LayerPlanner::host_packs(std::size_t layer) const {
  if (network_.layers[layer].input != 0) return false;
  std::int64_t readers = 0;
  for (const IntegerLayer& other : network_.layers) {
    readers += (other.input == 0 ? 1 : 0) + (other.other == std::size_t{0} ? 1 : 0);
  }
  return readers == 1;
}

tl::expected<LayerPlan, std::string> LayerPlanner::plan(std::size_t index) {
  const IntegerLayer& layer = network_.layers[index];
  LayerPlan plan;
  plan.around.first = index == 0;
  plan.around.last = index + 1 == network_.layers.size();
  plan.around.rescale = with_fewest_shifts(layer.rescale, largest_sum(layer));
  plan.around.channel_blocks =
      ceil_div(network_.output_of(index).shape.channels, config_.block_out());
  plan.bias = bias_tiles(config_, layer.bias);
  plan.around.bias_sets = bias_sets(config_, plan);
  if (plan.around.bias_sets > kMostBiasSets) {
    return tl::unexpected(fmt::format("{}: a bias needs {} steps per result, at most {} are taken",
                                      layer.name, plan.around.bias_sets, kMostBiasSets));
  }
  if (layer.other) {
    plan.around.other_address = 0;  // known later
    plan.factor = diagonal_tile(
        config_, std::vector<std::int8_t>(static_cast<std::size_t>(config_.block_out()),
                                          static_cast<std::int8_t>(plan.around.rescale.factor)));
  }
  const bool dense = layer.kind == IntegerKind::convolution;
  const Outcome reason = dense ? plan_convolution(index, plan) : plan_window(index, plan);
  if (reason) return tl::unexpected(layer.name + ": " + *reason);
  return plan;
}

LayerPlanner::Outcome LayerPlanner::plan_convolution(std::size_t index, LayerPlan& plan) {
  const IntegerLayer& layer = network_.layers[index];
  plan.op = convolution(network_, index);
  plan.packed_by_host = host_packs(index);
  StoredOperand& data = plan.around.stored[static_cast<std::size_t>(Part::data)];
  if (!plan.packed_by_host) {
    const Embedding channels = *channel_embedding(*plan.op, config_);
    plan.compiled = {channels, nest_of(*plan.op, gemm_core(config_), channels), {}, {}};
    plan.compiled.nest.zeros_stored = false;
    const auto view = data_view(config_, *plan.op, plan.compiled, network_.input_of(layer).shape);
    if (!view) return "a padded image of which the windows leave out columns cannot be loaded";
    data = view->stored;
    plan.data_offset = view->offset * element_bytes(config_, Memory::input);
  }
  plan.around.stored[static_cast<std::size_t>(Part::result)] =
      tensor_layout(config_, network_.output_of(index).shape);
  if (Outcome reason =
          tune_convolution(shape_key(network_, index, plan.around.bias_sets), plan)) {
    return reason;
  }
  const Nest& nest = plan.compiled.nest;
  plan.around.stored[static_cast<std::size_t>(Part::weights)] =
      store_operand(nest.operand(Part::weights), {});
  if (plan.packed_by_host) {
    data = stored_for(nest.operand(Part::data), nest, plan.compiled.tiling);
  }
  plan.weights = pack(element_map(*plan.op, gemm_core(config_), plan.compiled.embedding,
                                  Part::weights,
                                  plan.around.stored[static_cast<std::size_t>(Part::weights)]),
                      layer.weights);
  return std::nullopt;
}

LayerPlanner::Outcome LayerPlanner::tune_convolution(const std::string& key, LayerPlan& plan) {
  if (plan.packed_by_host) {
    if (auto packed = tune_packed(plan)) {
      plan.compiled = std::move(*packed);
      plan.tilings = {plan.compiled.tiling};
    }
  } else {
    const auto [known, is_new] = tuned_.try_emplace(key);
    if (is_new) known->second = tune_chained(plan);
    plan.tilings = known->second;
    if (!plan.tilings.empty()) plan.compiled.tiling = plan.tilings.front();
  }
  if (!plan.tilings.empty()) return std::nullopt;
  return fmt::format("no tile fits the scratchpads of {} beside {} bias tiles", shape_text(config_),
                     plan.around.bias_sets * plan.around.channel_blocks);
}

namespace {

/// Entries set aside where a tensor is added.
struct OtherRoom {
  std::int64_t inputs = 0;   ///< for tiles of that tensor
  std::int64_t results = 0;  ///< accumulators that may be used; 0: all
  bool one_slot = false;     ///< one tile of it is there at once; else as many as of the result
};

/// The machine without what the constants and an added tensor take.
Config rest_of(const Config& config, const LayerSurroundings& around, const OtherRoom& room) {
  const ConstantPlaces places = constant_places(config, around);
  Config rest = config;
  rest.reserved = {places.inputs + room.inputs, places.weights, 0};
  if (room.results > 0) rest.reserved[2] = depth(config, Memory::accumulator) - room.results;
  return rest;
}

/// Room for as many tiles of the added tensor as of the result, or for one.
std::vector<OtherRoom> other_rooms(const Config& config, const LayerSurroundings& around) {
  if (!around.other_address) return {{}};
  const std::int64_t results = depth(config, Memory::accumulator);
  const std::int64_t most = std::min(results, depth(config, Memory::input) / 2);
  std::vector<OtherRoom> rooms;
  for (const std::int64_t room : {most / 2, most * 3 / 4, most * 7 / 8, most}) {
    if (room == 0) continue;
    rooms.push_back({room, room, false});
    rooms.push_back({room, std::min(results, 2 * room), true});
  }
  return rooms;
}

Tiling with_other(Tiling tiling, const OtherRoom& room) {
  if (room.inputs == 0) return tiling;
  tiling.other_slots = room.one_slot ? 1 : tiling.slots[static_cast<std::size_t>(Part::result)];
  return tiling;
}

bool other_fits(const Nest& nest, const Tiling& tiling, const OtherRoom& room) {
  return tiling.other_slots * tile_blocks(nest.operand(Part::result), tiling) <= room.inputs;
}

}  // namespace

std::vector<Tiling> LayerPlanner::tune_chained(const LayerPlan& plan) const {
  const Nest& nest = plan.compiled.nest;
  LayerSurroundings alone = plan.around;
  alone.first = alone.last = true;
  alone.stored[static_cast<std::size_t>(Part::weights)] =
      store_operand(nest.operand(Part::weights), {});
  std::vector<Tuned> kept;
  for (const OtherRoom& room : other_rooms(config_, plan.around)) {
    TuneOptions options = options_.tune;
    options.layer_program = [&](const Tiling& tiling) {
      return emit_layer(config_, nest, with_other(tiling, room), alone);
    };
    std::vector<Tuned> of_room;
    tune(rest_of(config_, plan.around, room), nest, {}, options, &of_room);
    for (Tuned& tuned : of_room) {
      tuned.tiling = with_other(std::move(tuned.tiling), room);
      if (other_fits(nest, tuned.tiling, room)) keep_best_of_order(kept, tuned);
    }
  }
  std::vector<Tiling> tilings;
  for (Tuned& tuned : kept) tilings.push_back(std::move(tuned.tiling));
  return tilings;
}

std::optional<CompiledOperator> LayerPlanner::tune_packed(const LayerPlan& plan) const {
  const Embedding channels = *channel_embedding(*plan.op, config_);
  // The result must lie as the next layer wants it: channels in the lanes.
  embedder::EmbedOptions options_of_result;
  options_of_result.swapped = false;
  options_of_result.fixed = {{Part::result, {channels.lanes[0], channels.lanes[1]}}};
  const std::vector<Embedding> embeddings =
      embedder::embed(*plan.op, gemm_core(config_), options_of_result).embeddings;
  CompileOptions options;
  options.embeddings = options_.embeddings;
  options.tune = options_.tune;
  options.tune.refined = 0;  // for programs that begin and end alone
  OtherRoom room;
  if (plan.around.other_address) room.inputs = room.results = depth(config_, Memory::input) / 2;
  auto compiled = vta::compile(*plan.op, rest_of(config_, plan.around, room), embeddings, options);
  if (compiled) compiled->tiling = with_other(compiled->tiling, room);
  return compiled;
}

LayerPlanner::Outcome LayerPlanner::plan_window(std::size_t index, LayerPlan& plan) {
  const IntegerLayer& layer = network_.layers[index];
  for (const WindowAxis& axis : {layer.rows, layer.columns}) {
    const std::int64_t most = std::min(kMostPadding, (axis.size - 1) * axis.dilation);
    if (axis.before > most || axis.after > most) {
      return fmt::format("padding of {} and {}, at most {} on a side are possible", axis.before,
                         axis.after, most);
    }
  }
  plan.window = {layer.kind,   network_.input_of(layer).shape, network_.output_of(index).shape,
                 layer.rows,   layer.columns,
                 layer.kind == IntegerKind::max_pool || all_equal(layer.weights)};
  plan.weights = window_weights(config_, plan.window, layer.weights);
  const auto tiling = tune_window(config_, plan.window, plan.around, options_.tune.timing);
  if (!tiling) return fmt::format("no tile fits the scratchpads of {}", shape_text(config_));
  plan.window_tiling = *tiling;
  return std::nullopt;
}

EmittedProgram emit_plan(const Config& config, const LayerPlan& plan,
                         const std::vector<PendingStore>& pending) {
  if (plan.op) {
    return emit_layer(config, plan.compiled.nest, plan.compiled.tiling, plan.around, pending);
  }
  WindowProgram program =
      emit_window(config, plan.window, plan.around, plan.window_tiling, pending);
  return {std::move(program.instructions), std::move(program.micro_ops), {}, kFarEnough,
          std::move(program.pending)};
}

std::int64_t sum_steps(const Config& config, const LayerPlan& plan,
                       const std::vector<Instruction>& program) {
  if (plan.op) {
    const std::int64_t further = plan.around.bias_sets + (plan.around.other_address ? 1 : 0);
    return gemm_steps(program) - further * blocks(plan.compiled.nest.operand(Part::result));
  }
  return emit_window(config, plan.window, plan.around, plan.window_tiling).gemm_steps;
}

}  // namespace tileloom::target::vta
