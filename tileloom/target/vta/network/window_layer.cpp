#include "tileloom/target/vta/network/window_layer.hpp"

#include <algorithm>

#include "tileloom/support/checked.hpp"
#include "tileloom/target/vta/network/window_positions.hpp"

namespace tileloom::target::vta {
namespace {

/// The entries of one scratchpad memory that one tile takes.
struct TileNeeds {
  std::int64_t input = 0;
  std::int64_t other = 0;
  std::int64_t result = 0;
  std::int64_t accumulators = 0;
  std::int64_t weights = 0;
};

bool is_maximum(const WindowLayer& window) { return window.kind == IntegerKind::max_pool; }

std::int64_t taps(const WindowLayer& window) { return window.rows.size * window.columns.size; }

TileNeeds needs(const WindowLayer& window, const LayerSurroundings& layer,
                const WindowTiling& tiling) {
  const auto extent = [&](const WindowAxis& axis, std::int64_t size) {
    return (size - 1) * axis.stride + (axis.size - 1) * axis.dilation + 1;
  };
  TileNeeds n;
  n.input = tiling.channels * extent(window.rows, tiling.rows) *
            extent(window.columns, tiling.columns);
  n.result = tiling.channels * tiling.rows * tiling.columns;
  n.other = layer.other_address ? n.result : 0;
  n.accumulators = n.result + (is_maximum(window) ? n.input : 0);
  n.weights = window.one_weight ? 0 : tiling.channels * taps(window);
  return n;
}

std::int64_t slot_count(const Config& config, const WindowLayer& window,
                        const LayerSurroundings& layer, const WindowTiling& tiling) {
  const ConstantPlaces places = constant_places(config, layer);
  const TileNeeds n = needs(window, layer, tiling);
  const std::int64_t room = depth(config, Memory::weight) - places.weights -
                            (window.one_weight ? 1 : 0);
  const std::int64_t inputs = (depth(config, Memory::input) - places.inputs) / (n.input + n.other);
  const std::int64_t accumulators = depth(config, Memory::accumulator) / n.accumulators;
  const std::int64_t weights = n.weights == 0 ? (room >= 0 ? 2 : 0) : room / n.weights;
  return std::min({inputs, accumulators, weights, std::int64_t{2}});
}

struct WindowTile {
  std::int64_t batch = 0;
  Positions channels;
  Positions rows;
  Positions columns;
  bool new_weights = false;        ///< the first tile of its channels
  std::int64_t weight_turn = 0;    ///< number of its range of channels
};

class WindowEmitter {
 public:
  WindowEmitter(const Config& config, const WindowLayer& window, const LayerSurroundings& layer,
                const WindowTiling& tiling, const std::vector<PendingStore>& pending)
      : config_(config),
        window_(window),
        layer_(layer),
        pending_(pending.size()),
        places_(constant_places(config, layer)),
        needs_(needs(window, layer, tiling)),
        slots_(slot_count(config, window, layer, tiling)),
        in_(tensor_layout(config, window.input)),
        out_(tensor_layout(config, window.output)),
        writer_(config, layer.micro_op_address) {
    list_tiles(tiling);
  }

  WindowProgram run() && {
    for (std::size_t i = 0; i < tiles_.size(); ++i) emit(i);
    if (layer_.last) writer_.add({.pop_next = true}, Finish{});
    const PendingStore left{0, slots_ * needs_.accumulators, std::move(stores_)};
    return {writer_.take_instructions(), writer_.micro_ops(), gemm_steps_, {left}};
  }

 private:
  void list_tiles(const WindowTiling& tiling) {
    std::int64_t turn = 0;
    for (const Positions& channels : cut(out_.axes[1].extent, tiling.channels)) {
      bool is_new = true;
      for (std::int64_t batch = 0; batch < out_.axes[0].extent; ++batch) {
        for (const Positions& rows : cut(window_.output.rows, tiling.rows)) {
          for (const Positions& columns : cut(window_.output.columns, tiling.columns)) {
            tiles_.push_back({batch, channels, rows, columns, is_new, turn});
            is_new = false;
          }
        }
      }
      ++turn;
    }
  }

  std::int64_t slot(std::size_t tile) const { return static_cast<std::int64_t>(tile) % slots_; }
  /// A later tile waits until this one's slot is free.
  bool is_awaited(std::size_t tile) const {
    return tile + static_cast<std::size_t>(slots_) < tiles_.size();
  }
  bool waits(std::size_t tile) const { return tile >= static_cast<std::size_t>(slots_); }

  void emit(std::size_t i) {
    input_rows_ = read_range(window_.rows, tiles_[i].rows, window_.input.rows, is_maximum(window_));
    input_columns_ =
        read_range(window_.columns, tiles_[i].columns, window_.input.columns, is_maximum(window_));
    emit_loads(i);
    for (std::size_t p = 1; i == 0 && p <= pending_; ++p) {
      writer_.add_sync({.pop_next = true, .push_previous = p == pending_});
    }
    emit_reset(i);
    std::size_t last_gemm = 0;
    if (is_maximum(window_)) {
      last_gemm = emit_maximum(i);
    } else {
      last_gemm = emit_sums(i);
    }
    const bool ends = i + 1 == tiles_.size() && !layer_.last;
    writer_.tokens(last_gemm).push_previous = is_awaited(i) || ends;
    writer_.last_tokens().push_next = true;
    emit_stores(i);
  }

  std::int64_t element(Part part, Memory memory) const {
    return layer_.address[static_cast<std::size_t>(part)] / element_bytes(config_, memory);
  }

  void add_weights(const WindowTile& tile) {
    Load load;
    load.memory = Memory::weight;
    load.sram_base = weight_base(tile);
    load.dram_base = element(Part::weights, Memory::weight);
    load.x_size = 1;
    if (!window_.one_weight) {
      load.dram_base += tile.channels.low * taps(window_);
      load.x_size = tile.channels.size * taps(window_);
    }
    load.x_stride = load.x_size;
    writer_.add({}, load);
  }

  std::int64_t weight_base(const WindowTile& tile) const {
    return window_.one_weight ? 0 : tile.weight_turn % slots_ * needs_.weights;
  }
  std::int64_t input_base(std::size_t i) const { return slot(i) * (needs_.input + needs_.other); }
  std::int64_t other_base(std::size_t i) const { return input_base(i) + needs_.input; }
  std::int64_t result_base(std::size_t i) const { return slot(i) * needs_.accumulators; }

  void emit_loads(std::size_t i) {
    const WindowTile& tile = tiles_[i];
    const std::size_t begin = writer_.size();
    if (i == 0) {
      for (const Load& load : constant_loads(config_, layer_)) writer_.add({}, load);
    }
    if (window_.one_weight ? i == 0 : tile.new_weights) add_weights(tile);
    const std::size_t data = writer_.size();
    const Box read{{tile.batch, tile.channels.low, input_rows_.low, input_columns_.low},
                   {1, tile.channels.size, input_rows_.size, input_columns_.size}};
    add_data(in_, read, element(Part::data, Memory::input), input_base(i));
    if (layer_.other_address) {
      add_data(out_, result_box(tile), *layer_.other_address / element_bytes(config_, Memory::input),
               other_base(i));
    }
    writer_.tokens(begin).pop_next = waits(i) || (i == 0 && !layer_.first);
    if (i == 0 && pending_ > 0) writer_.tokens(data).pop_next = true;
    writer_.last_tokens().push_next = true;
  }

  void add_data(const StoredOperand& stored, const Box& box, std::int64_t from, std::int64_t to) {
    PackedOperand data;
    data.part = Part::data;
    for (const Load& load : loads_of(data, stored, box, from, to)) writer_.add({}, load);
  }

  static Box result_box(const WindowTile& tile) {
    return {{tile.batch, tile.channels.low, tile.rows.low, tile.columns.low},
            {1, tile.channels.size, tile.rows.size, tile.columns.size}};
  }

  std::int64_t plane(const WindowTile& tile) const { return tile.rows.size * tile.columns.size; }
  std::int64_t input_plane() const { return input_rows_.size * input_columns_.size; }
  std::int64_t result_entries(const WindowTile& tile) const {
    return tile.channels.size * plane(tile);
  }
  std::int64_t copied_base(std::size_t i) const {
    return result_base(i) + result_entries(tiles_[i]);
  }

  void emit_reset(std::size_t i) {
    const std::int64_t copied =
        is_maximum(window_) ? tiles_[i].channels.size * input_plane() : 0;
    Gemm gemm;
    gemm.reset = true;
    gemm.loops = writer_.entries(result_base(i), result_entries(tiles_[i]) + copied);
    gemm.destination = {0, 1};
    writer_.add({.pop_next = waits(i)}, gemm);
  }

  void add_gemm(const Gemm& gemm) {
    gemm_steps_ += steps(gemm.loops);
    writer_.add({.pop_previous = !popped_}, gemm);
    popped_ = true;
  }

  /// The nest of one tap over the outputs `rows` x `columns`: micro-ops are the channel blocks.
  struct Tap {
    LoopNest loops;
    Factors destination;
    Factors source;
  };
  /// @param from  where the tile's input begins; weights(c) is the WGT entry of a channel block
  template <class Weights>
  Tap tap_of(std::size_t i, const Positions& rows, const Positions& columns, std::int64_t r,
             std::int64_t s, std::int64_t from, Weights weights) {
    const WindowTile& tile = tiles_[i];
    const std::int64_t row = rows.low * window_.rows.stride + r * window_.rows.dilation -
                             window_.rows.before - input_rows_.low;
    const std::int64_t column = columns.low * window_.columns.stride +
                                s * window_.columns.dilation - window_.columns.before -
                                input_columns_.low;
    const std::int64_t to = result_base(i) + (rows.low - tile.rows.low) * tile.columns.size +
                            columns.low - tile.columns.low;
    std::vector<MicroOp> sequence;
    for (std::int64_t c = 0; c < tile.channels.size; ++c) {
      sequence.push_back({to + c * plane(tile),
                          from + c * input_plane() + row * input_columns_.size + column,
                          weights(c)});
    }
    Tap tap{writer_.loops_of(sequence), {}, {}};
    tap.loops.iter_outer = rows.size;
    tap.loops.iter_inner = columns.size;
    if (rows.size > 1) {
      tap.destination.outer = tile.columns.size;
      tap.source.outer = window_.rows.stride * input_columns_.size;
    }
    if (columns.size > 1) {
      tap.destination.inner = 1;
      tap.source.inner = window_.columns.stride;
    }
    return tap;
  }

  /// One GEMM per tap, then the bias and what follows. The number of the last GEMM.
  std::size_t emit_sums(std::size_t i) {
    const WindowTile& tile = tiles_[i];
    popped_ = false;
    for (std::int64_t r = 0; r < window_.rows.size; ++r) {
      for (std::int64_t s = 0; s < window_.columns.size; ++s) {
        const std::int64_t number = r * window_.columns.size + s;
        const Tap tap = tap_of(i, tile.rows, tile.columns, r, s, input_base(i), [&](std::int64_t c) {
          return weight_base(tile) + (window_.one_weight ? 0 : c * taps(window_) + number);
        });
        Gemm gemm;
        gemm.loops = tap.loops;
        gemm.destination = tap.destination;
        gemm.source = tap.source;
        add_gemm(gemm);
      }
    }
    std::size_t last_gemm = writer_.size() - 1;
    add_bias(writer_, config_, layer_,
             {result_base(i), tile.channels.low, tile.channels.size, plane(tile)});
    if (layer_.bias_sets > 0) last_gemm = writer_.size() - 1;
    return finish_sums(writer_, config_, layer_, result_base(i), result_entries(tile),
                       other_base(i))
        .value_or(last_gemm);
  }

  /// The input is brought into accumulators; the result begins as the smallest number and meets
  /// every tap where that exists. The number of the last GEMM.
  std::size_t emit_maximum(std::size_t i) {
    const WindowTile& tile = tiles_[i];
    popped_ = false;
    Gemm copy;
    copy.loops = writer_.loops_of({{copied_base(i), input_base(i), weight_base(tile)}});
    copy.loops.iter_inner = tile.channels.size * input_plane();
    copy.destination = copy.source = {0, 1};
    add_gemm(copy);
    const std::size_t last_gemm = writer_.size() - 1;
    Alu least;
    least.op = AluOp::minimum;
    least.use_immediate = true;
    least.immediate = -128;
    least.loops = writer_.entries(result_base(i), result_entries(tile));
    least.destination = least.source = {0, 1};
    writer_.add({}, least);
    for (std::int64_t r = 0; r < window_.rows.size; ++r) {
      const Positions rows = reached(window_.rows, r, tile.rows, window_.input.rows);
      for (std::int64_t s = 0; s < window_.columns.size; ++s) {
        const Positions columns = reached(window_.columns, s, tile.columns, window_.input.columns);
        if (rows.size == 0 || columns.size == 0) continue;
        const Tap tap =
            tap_of(i, rows, columns, r, s, copied_base(i), [](std::int64_t) { return 0; });
        Alu alu;
        alu.op = AluOp::maximum;
        alu.loops = tap.loops;
        alu.destination = tap.destination;
        alu.source = tap.source;
        writer_.add({}, alu);
      }
    }
    return last_gemm;
  }

  void emit_stores(std::size_t i) {
    const std::size_t begin = writer_.size();
    PackedOperand result;
    result.part = Part::result;
    for (const Store& store :
         stores_of(result, out_, result_box(tiles_[i]), element(Part::result, Memory::output),
                   result_base(i))) {
      writer_.add({}, store);
      stores_.push_back(store);
    }
    writer_.tokens(begin).pop_previous = true;
    writer_.last_tokens().push_previous = is_awaited(i) || i + 1 == tiles_.size();
  }

  const Config& config_;
  const WindowLayer& window_;
  const LayerSurroundings& layer_;
  std::size_t pending_;  ///< stores of the layer before, all waited for before anything is computed
  std::vector<Store> stores_;
  ConstantPlaces places_;
  TileNeeds needs_;
  std::int64_t slots_;
  StoredOperand in_;
  StoredOperand out_;
  ProgramWriter writer_;
  std::vector<WindowTile> tiles_;
  Positions input_rows_;      ///< of the tile being emitted
  Positions input_columns_;
  bool popped_ = false;  ///< the tile's loads have been waited for
  std::int64_t gemm_steps_ = 0;
};

}  // namespace

std::string window_weights(const Config& config, const WindowLayer& layer,
                           const std::vector<std::int8_t>& weights) {
  const auto lanes = static_cast<std::size_t>(config.block_out());
  if (layer.one_weight) {
    const std::int8_t weight = is_maximum(layer) ? std::int8_t{1} : weights.front();
    return diagonal_tile(config, std::vector<std::int8_t>(lanes, weight));
  }
  const auto window = static_cast<std::size_t>(taps(layer));
  const std::size_t channels = weights.size() / window;
  std::string tiles;
  for (std::size_t low = 0; low < channels; low += lanes) {
    for (std::size_t tap = 0; tap < window; ++tap) {
      std::vector<std::int8_t> diagonal;
      for (std::size_t c = low; c < std::min(low + lanes, channels); ++c) {
        diagonal.push_back(weights[c * window + tap]);
      }
      tiles += diagonal_tile(config, diagonal);
    }
  }
  return tiles;
}

bool fits(const Config& config, const WindowLayer& window, const LayerSurroundings& layer,
          const WindowTiling& tiling) {
  return slot_count(config, window, layer, tiling) >= 1 &&
         tiling.channels <= micro_op_entries(config);
}

WindowProgram emit_window(const Config& config, const WindowLayer& window,
                          const LayerSurroundings& layer, const WindowTiling& tiling,
                          const std::vector<PendingStore>& pending) {
  return WindowEmitter(config, window, layer, tiling, pending).run();
}

}  // namespace tileloom::target::vta
