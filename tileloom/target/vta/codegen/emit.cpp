#include "tileloom/target/vta/codegen/emit.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "tileloom/support/checked.hpp"
#include "tileloom/target/vta/codegen/program_writer.hpp"
#include "tileloom/target/vta/codegen/schedule_tiles.hpp"
#include "tileloom/target/vta/codegen/split_ends.hpp"
#include "tileloom/target/vta/codegen/useful_steps.hpp"

namespace tileloom::target::vta {
namespace {

constexpr std::int64_t kAlignment = 4096;

std::int64_t aligned(std::int64_t address, std::int64_t alignment) {
  return ceil_div(address, alignment) * alignment;
}

Placement place_operands(const Config& config, const Nest& nest, const Tiling& tiling) {
  Placement placement;
  std::int64_t address = kFirstAddress;
  for (std::size_t part = 0; part < kParts; ++part) {
    const PackedOperand& operand = nest.operands[part];
    const std::int64_t size = element_bytes(config, dram_memory(operand.part));
    placement.stored[part] = stored_for(operand, nest, tiling);
    placement.address[part] = address = aligned(address, std::max(kAlignment, size));
    placement.bytes[part] = checked_mul(placement.stored[part].blocks, size);
    address += placement.bytes[part];
  }
  placement.micro_op_address = aligned(address, kAlignment);
  return placement;
}

/// Where the neighbours of a layer keep the operands.
Placement placement_of(const LayerSurroundings& layer) {
  Placement placement;
  placement.stored = layer.stored;
  placement.address = layer.address;
  placement.micro_op_address = layer.micro_op_address;
  return placement;
}

/// Writes the instructions of one step after the other.
class Emitter {
 public:
  /// @param layer    null: the program is all there is
  /// @param pending  stores of the layer before
  Emitter(const Config& config, const Nest& nest, const Tiling& tiling, const Epilogue& epilogue,
          const LayerSurroundings* layer, const std::vector<PendingStore>& pending)
      : config_(config),
        nest_(nest),
        tiling_(tiling),
        epilogue_(epilogue),
        layer_(layer),
        pending_(pending),
        padded_axes_(padded_axes(nest)),
        placement_(layer == nullptr ? place_operands(config, nest, tiling) : placement_of(*layer)),
        writer_(config, placement_.micro_op_address) {
    for (std::size_t part = 0; part < kParts; ++part) {
      slot_entries_[part] = tile_blocks(nest.operands[part], tiling);
    }
  }

  EmittedProgram run() && {
    std::vector<TileStep> schedule = schedule_tiles(nest_, tiling_);
    if (layer_ == nullptr) split_ends(nest_, tiling_, schedule);
    if (!pending_.empty()) wait_for_pending(schedule);
    const bool is_last = layer_ == nullptr || layer_->last;
    if (!is_last) leave_to_next_layer(schedule);
    for (const TileStep& step : schedule) emit(step);
    if (is_last) writer_.add({.pop_next = true}, Finish{});
    return {writer_.take_instructions(), writer_.micro_ops(), std::move(placement_),
            reuse_distance_, std::move(left_)};
  }

 private:
  static constexpr auto kResult = static_cast<std::size_t>(Part::result);

  /// Begins in the slot whose accumulators are free the soonest.
  void wait_for_pending(std::vector<TileStep>& schedule) const {
    std::vector<TileStep> best;
    std::size_t latest = 0;
    for (std::int64_t turn = 0; turn < tiling_.slots[kResult]; ++turn) {
      std::vector<TileStep> turned = schedule;
      for (TileStep& step : turned) {
        step.slots[kResult] = (step.slots[kResult] + turn) % tiling_.slots[kResult];
      }
      const std::size_t waits = vta::wait_for_pending(
          pending_, chained(turned), element_bytes(config_, Memory::output), turned);
      if (!best.empty() && waits <= latest) continue;
      latest = waits;
      best = std::move(turned);
    }
    schedule = std::move(best);
  }

  std::vector<ChainedStep> chained(const std::vector<TileStep>& schedule) const {
    std::vector<ChainedStep> result;
    for (const TileStep& step : schedule) {
      ChainedStep of_step{result_base(step), slot_entries_[kResult], {}};
      if (step.loads(Part::data)) of_step.loads = loads_for(Part::data, step);
      if (step.loads_other()) {
        for (const Load& load : other_loads(step)) of_step.loads.push_back(load);
      }
      result.push_back(std::move(of_step));
    }
    return result;
  }

  /// The next layer's first loads take the token of the last GEMM, and its steps those of the
  /// stores that no reset here waits for.
  void leave_to_next_layer(std::vector<TileStep>& schedule) {
    schedule.back().frees_buffers = true;
    std::int64_t stores = tiling_.slots[kResult];
    for (std::size_t s = schedule.size(); s-- > 0 && stores > 0;) {
      if (!schedule[s].last) continue;
      schedule[s].store_signals = true;
      left_.insert(left_.begin(),
                   {result_base(schedule[s]), result_entries(schedule[s]),
                    stores_for(schedule[s])});
      --stores;
    }
  }

  std::int64_t slot_base(Part part, const TileStep& step) const {
    const auto p = static_cast<std::size_t>(part);
    return step.slots[p] * slot_entries_[p] + step.offsets[p];
  }

  std::int64_t dram_base(Part part) const {
    return placement_.address[static_cast<std::size_t>(part)] /
           element_bytes(config_, dram_memory(part));
  }

  void emit(const TileStep& step) {
    emit_loads(step);
    for (std::int64_t p = 1; p <= step.pops; ++p) {
      const bool tells = step.tells_loads && p == step.pops;
      writer_.add_sync({.pop_next = true, .push_previous = tells});
    }
    if (step.first) emit_reset(step);
    std::size_t last_gemm = emit_gemms(step);
    if (step.last) {
      last_gemm = emit_epilogue(step).value_or(last_gemm);
      emit_stores(step);
    }
    writer_.tokens(last_gemm).push_previous = step.frees_buffers;
  }

  void emit_loads(const TileStep& step) {
    const std::size_t begin = writer_.size();
    const bool opening = layer_ != nullptr && begin == 0;
    if (opening) {
      for (const Load& load : constant_loads(config_, *layer_)) writer_.add({}, load);
    }
    // Weights and constants need not wait for what the layer before stores.
    if (opening) add_loads(Part::weights, step);
    const std::size_t data = writer_.size();
    if (step.loads(Part::data)) add_loads(Part::data, step);
    if (step.loads(Part::weights) && !opening) add_loads(Part::weights, step);
    if (step.loads_other()) {
      for (const Load& load : other_loads(step)) writer_.add({}, load);
    }
    if (writer_.size() == begin) return;
    writer_.tokens(opening ? data : begin).pop_next = step.load_waits;
    if (opening && !layer_->first) {
      writer_.tokens(begin).pop_next = true;  // the last GEMM of the layer before
    }
    writer_.last_tokens().push_next = true;
  }

  void add_loads(Part part, const TileStep& step) {
    for (const Load& load : loads_for(part, step)) writer_.add({}, load);
  }

  std::vector<Load> loads_for(Part part, const TileStep& step) const {
    const PackedOperand& operand = nest_.operand(part);
    return loads_of(operand, placement_.stored[static_cast<std::size_t>(part)],
                    box_of(operand, step.tile), dram_base(part), slot_base(part, step));
  }

  /// The tile of the tensor that is added lies like the result's, among the inputs.
  std::vector<Load> other_loads(const TileStep& step) const {
    PackedOperand other = nest_.operand(Part::result);
    other.part = Part::data;
    const std::int64_t base = *layer_->other_address / element_bytes(config_, Memory::input);
    return loads_of(other, placement_.stored[kResult], box_of(other, step.tile), base,
                    other_base(step));
  }

  std::int64_t other_base(const TileStep& step) const {
    const std::int64_t slots_after = tiling_.other_slots - step.other_slot;
    return depth(config_, Memory::input) - constant_places(config_, *layer_).inputs -
           slots_after * slot_entries_[kResult];
  }

  std::int64_t result_base(const TileStep& step) const {
    return slot_base(Part::result, step);
  }

  std::int64_t result_entries(const TileStep& step) const {
    return blocks(box_of(nest_.operand(Part::result), step.tile));
  }

  void emit_reset(const TileStep& step) {
    Gemm gemm;
    gemm.reset = true;
    gemm.loops = writer_.entries(result_base(step), result_entries(step));
    gemm.destination = {0, 1};
    writer_.add({.pop_next = step.reset_waits}, gemm);
  }

  /// Entries per trip of each loop in the slots of tiles of one size, by Part.
  using Strides = std::array<std::vector<std::int64_t>, kParts>;

  const Strides& strides_of(const Tile& tile) {
    const auto [found, is_new] = strides_.try_emplace(tile.size);
    if (is_new) {
      for (std::size_t part = 0; part < kParts; ++part) {
        const PackedOperand& operand = nest_.operands[part];
        found->second[part] = strides_in(operand, box_of(operand, tile), nest_.loops());
      }
    }
    return found->second;
  }

  const LoopSplit& split_of(const Tile& part) {
    const auto [found, is_new] = splits_.try_emplace(part.size);
    if (is_new) found->second = split_loops(nest_, part.size, micro_op_entries(config_));
    return found->second;
  }

  /// The number of the last instruction.
  std::size_t emit_gemms(const TileStep& step) {
    std::vector<Tile> parts{step.tile};
    if (tiling_.skip_padding) parts = useful_parts(padded_axes_, step.tile);
    bool waits = step.loads_anything();
    for (const Tile& part : parts) {
      emit_gemm(step, part, waits);
      waits = false;
    }
    if (parts.empty()) writer_.add_sync({.pop_previous = waits});  // all of it is padding
    return writer_.size() - 1;
  }

  void emit_gemm(const TileStep& step, const Tile& part, bool waits) {
    const LoopSplit& split = split_of(part);
    reuse_distance_ = std::min(reuse_distance_, split.reuse_distance);
    const Strides& strides = strides_of(step.tile);
    Gemm gemm;
    gemm.loops = writer_.loops_of(unrolled(step, part, split, strides));
    const auto factors = [&](Part of) {
      const auto& stride = strides[static_cast<std::size_t>(of)];
      return Factors{split.outer ? stride[*split.outer] : 0, split.inner ? stride[*split.inner] : 0};
    };
    if (split.outer) gemm.loops.iter_outer = part.size[*split.outer];
    if (split.inner) gemm.loops.iter_inner = part.size[*split.inner];
    gemm.destination = factors(Part::result);
    gemm.source = factors(Part::data);
    gemm.weight = factors(Part::weights);
    writer_.add({.pop_previous = waits}, gemm);
  }

  /// Entry of the part's first step.
  std::int64_t first_entry(Part of, const TileStep& step, const Tile& part,
                           const Strides& strides) const {
    std::int64_t entry = slot_base(of, step);
    for (std::size_t l = 0; l < nest_.loops(); ++l) {
      entry += strides[static_cast<std::size_t>(of)][l] * (part.low[l] - step.tile.low[l]);
    }
    return entry;
  }

  std::vector<MicroOp> unrolled(const TileStep& step, const Tile& part, const LoopSplit& split,
                                const Strides& strides) const {
    std::vector<MicroOp> result{{first_entry(Part::result, step, part, strides),
                                 first_entry(Part::data, step, part, strides),
                                 first_entry(Part::weights, step, part, strides)}};
    for (std::size_t loop : split.unrolled) {
      const auto stride = [&](Part of) { return strides[static_cast<std::size_t>(of)][loop]; };
      std::vector<MicroOp> longer;
      for (const MicroOp& u : result) {
        for (std::int64_t i = 0; i < part.size[loop]; ++i) {
          longer.push_back({u.destination + i * stride(Part::result),
                            u.source + i * stride(Part::data),
                            u.weight + i * stride(Part::weights)});
        }
      }
      result = std::move(longer);
    }
    return result;
  }

  /// The number of its last GEMM, if it has one.
  std::optional<std::size_t> emit_epilogue(const TileStep& step) {
    std::optional<std::size_t> last_gemm;
    if (layer_ == nullptr) {
      emit_alu(step);
    } else {
      last_gemm = emit_layer_epilogue(step);
    }
    writer_.last_tokens().push_next = true;
    return last_gemm;
  }

  void emit_alu(const TileStep& step) {
    Alu alu;
    alu.use_immediate = true;
    alu.loops = writer_.entries(result_base(step), result_entries(step));
    alu.destination = alu.source = {0, 1};
    const auto apply = [&](AluOp op, std::int64_t immediate) {
      alu.op = op;
      alu.immediate = immediate;
      writer_.add({}, alu);
    };
    apply(AluOp::shift_right, epilogue_.shift);
    apply(AluOp::maximum, epilogue_.low);
    apply(AluOp::minimum, epilogue_.high);
  }

  /// Results of a layer have the axes batch, channels, rows, columns.
  std::optional<std::size_t> emit_layer_epilogue(const TileStep& step) {
    const Box box = box_of(nest_.operand(Part::result), step.tile);
    const std::int64_t plane = box.size[2] * box.size[3];
    std::optional<std::size_t> last_gemm;
    for (std::int64_t n = 0; n < box.size[0]; ++n) {
      add_bias(writer_, config_, *layer_,
               {result_base(step) + n * box.size[1] * plane, box.low[1], box.size[1], plane});
      if (layer_->bias_sets > 0) last_gemm = writer_.size() - 1;
    }
    const auto of_other = finish_sums(writer_, config_, *layer_, result_base(step),
                                      result_entries(step), other_base(step));
    return of_other ? of_other : last_gemm;
  }

  std::vector<Store> stores_for(const TileStep& step) const {
    const PackedOperand& operand = nest_.operand(Part::result);
    return stores_of(operand, placement_.stored[kResult], box_of(operand, step.tile),
                     dram_base(Part::result), slot_base(Part::result, step));
  }

  void emit_stores(const TileStep& step) {
    const std::size_t begin = writer_.size();
    for (const Store& store : stores_for(step)) writer_.add({}, store);
    writer_.tokens(begin).pop_previous = true;
    writer_.last_tokens().push_previous = step.store_signals;
  }

  const Config& config_;
  const Nest& nest_;
  const Tiling& tiling_;
  const Epilogue& epilogue_;
  const LayerSurroundings* layer_;
  const std::vector<PendingStore>& pending_;
  std::vector<PendingStore> left_;
  std::vector<PaddedAxis> padded_axes_;
  Placement placement_;
  ProgramWriter writer_;
  std::int64_t reuse_distance_ = kFarEnough;
  std::array<std::int64_t, kParts> slot_entries_{};
  std::map<std::vector<std::int64_t>, Strides> strides_;   ///< by the trips of a tile
  std::map<std::vector<std::int64_t>, LoopSplit> splits_;  ///< by the trips of a part
};

}  // namespace

std::int8_t apply(const Epilogue& epilogue, std::int32_t accumulator) {
  const std::int64_t shifted = accumulator >> epilogue.shift;
  return static_cast<std::int8_t>(
      std::min(std::max(shifted, epilogue.low), epilogue.high));
}

EmittedProgram emit(const Config& config, const Nest& nest, const Tiling& tiling,
                    const Epilogue& epilogue) {
  return Emitter(config, nest, tiling, epilogue, nullptr, {}).run();
}

EmittedProgram emit_layer(const Config& config, const Nest& nest, const Tiling& tiling,
                          const LayerSurroundings& layer,
                          const std::vector<PendingStore>& pending) {
  return Emitter(config, nest, tiling, {}, &layer, pending).run();
}

}  // namespace tileloom::target::vta
