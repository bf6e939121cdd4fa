#include "tileloom/target/vta/emit.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "tileloom/support/checked.hpp"
#include "tileloom/target/vta/micro_ops.hpp"
#include "tileloom/target/vta/schedule_tiles.hpp"

namespace tileloom::target::vta {
namespace {

constexpr std::int64_t kAlignment = 4096;
/// The default RTL holds fewer micro-ops than the encoding allows.
constexpr std::int64_t kPortableMicroOps = 2048;

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

std::int64_t micro_op_entries(const Config& config) {
  return std::min(depth(config, Memory::micro_op), kPortableMicroOps);
}

/// Writes the instructions of one step after the other.
class Emitter {
 public:
  Emitter(const Config& config, const Nest& nest, const Tiling& tiling, const Epilogue& epilogue)
      : config_(config),
        nest_(nest),
        tiling_(tiling),
        epilogue_(epilogue),
        micro_ops_(config, micro_op_entries(config)) {
    program_.placement = place_operands(config, nest, tiling);
    for (std::size_t part = 0; part < kParts; ++part) {
      slot_entries_[part] = tile_blocks(nest.operands[part], tiling);
    }
  }

  EmittedProgram run() && {
    const std::vector<TileStep> schedule = schedule_tiles(nest_, tiling_);
    for (const TileStep& step : schedule) emit(step);
    program_.instructions.push_back({{.pop_next = true}, Finish{}});
    program_.micro_ops = micro_ops_.words();
    if (micro_ops_.never_full()) load_micro_ops_once();
    return std::move(program_);
  }

 private:
  void add(Tokens tokens, decltype(Instruction::operation) operation) {
    program_.instructions.push_back({tokens, std::move(operation)});
  }

  std::int64_t slot_base(Part part, std::int64_t slot) const {
    return slot * slot_entries_[static_cast<std::size_t>(part)];
  }

  std::int64_t dram_base(Part part) const {
    return program_.placement.address[static_cast<std::size_t>(part)] /
           element_bytes(config_, dram_memory(part));
  }

  void emit(const TileStep& step) {
    emit_loads(step);
    if (step.first) emit_reset(step);
    emit_gemm(step);
    if (step.last) {
      emit_epilogue(step);
      emit_stores(step);
    }
  }

  void emit_loads(const TileStep& step) {
    const std::size_t begin = program_.instructions.size();
    for (Part part : {Part::data, Part::weights}) {
      if (!step.loads(part)) continue;
      const PackedOperand& operand = nest_.operand(part);
      for (const Load& load :
           loads_of(operand, program_.placement.stored[static_cast<std::size_t>(part)],
                    box_of(operand, step.tile), dram_base(part), slot_base(part, step.slot(part)))) {
        add({}, load);
      }
    }
    if (program_.instructions.size() == begin) return;
    program_.instructions[begin].tokens.pop_next = step.load_waits;
    program_.instructions.back().tokens.push_next = true;
  }

  /// Places the micro-ops and loads them if need be.
  LoopNest loops_of(const std::vector<MicroOp>& sequence) {
    const MicroOpMemory::Place place = micro_ops_.place(sequence);
    if (place.load) {
      Load load;
      load.memory = Memory::micro_op;
      load.sram_base = place.begin;
      load.dram_base = program_.placement.micro_op_address / 4 + place.load_from;
      load.x_size = load.x_stride = place.load_count;
      add({}, load);
    }
    return {place.begin, place.begin + static_cast<std::int64_t>(sequence.size()), 1, 1};
  }

  /// All entries of the tile's accumulators: one micro-op, the inner loop counts.
  LoopNest whole_tile(const TileStep& step) {
    const std::int64_t base = slot_base(Part::result, step.slot(Part::result));
    LoopNest loops = loops_of({{base, base, 0}});
    loops.iter_inner = blocks(box_of(nest_.operand(Part::result), step.tile));
    return loops;
  }

  void emit_reset(const TileStep& step) {
    Gemm gemm;
    gemm.reset = true;
    gemm.loops = whole_tile(step);
    gemm.destination = {0, 1};
    add({.pop_next = step.reset_waits}, gemm);
  }

  /// What all tiles of one size have in common.
  struct Inside {
    LoopSplit split;
    std::array<std::vector<std::int64_t>, kParts> strides;  ///< by Part and loop
  };

  const Inside& inside_of(const Tile& tile) {
    const auto [found, is_new] = inside_.try_emplace(tile.size);
    if (is_new) {
      found->second.split = split_loops(nest_, tile.size);
      for (std::size_t part = 0; part < kParts; ++part) {
        const PackedOperand& operand = nest_.operands[part];
        found->second.strides[part] = strides_in(operand, box_of(operand, tile), nest_.loops());
      }
    }
    return found->second;
  }

  void emit_gemm(const TileStep& step) {
    const Inside& inside = inside_of(step.tile);
    const LoopSplit& split = inside.split;
    const auto& strides = inside.strides;
    Gemm gemm;
    gemm.loops = loops_of(unrolled(step, split, strides));
    const auto factors = [&](Part part) {
      const auto& stride = strides[static_cast<std::size_t>(part)];
      return Factors{split.outer ? stride[*split.outer] : 0, split.inner ? stride[*split.inner] : 0};
    };
    if (split.outer) gemm.loops.iter_outer = step.tile.size[*split.outer];
    if (split.inner) gemm.loops.iter_inner = step.tile.size[*split.inner];
    gemm.destination = factors(Part::result);
    gemm.source = factors(Part::data);
    gemm.weight = factors(Part::weights);
    add({.pop_previous = step.loads_anything(), .push_previous = step.frees_buffers}, gemm);
  }

  std::vector<MicroOp> unrolled(const TileStep& step, const LoopSplit& split,
                                const std::array<std::vector<std::int64_t>, kParts>& strides) {
    std::vector<MicroOp> result{{slot_base(Part::result, step.slot(Part::result)),
                                 slot_base(Part::data, step.slot(Part::data)),
                                 slot_base(Part::weights, step.slot(Part::weights))}};
    for (std::size_t loop : split.unrolled) {
      const auto stride = [&](Part part) { return strides[static_cast<std::size_t>(part)][loop]; };
      std::vector<MicroOp> longer;
      for (const MicroOp& u : result) {
        for (std::int64_t i = 0; i < step.tile.size[loop]; ++i) {
          longer.push_back({u.destination + i * stride(Part::result),
                            u.source + i * stride(Part::data),
                            u.weight + i * stride(Part::weights)});
        }
      }
      result = std::move(longer);
    }
    return result;
  }

  void emit_epilogue(const TileStep& step) {
    Alu alu;
    alu.use_immediate = true;
    alu.loops = whole_tile(step);
    alu.destination = alu.source = {0, 1};
    const auto apply = [&](AluOp op, std::int64_t immediate) {
      alu.op = op;
      alu.immediate = immediate;
      add({}, alu);
    };
    apply(AluOp::shift_right, epilogue_.shift);
    apply(AluOp::maximum, epilogue_.low);
    apply(AluOp::minimum, epilogue_.high);
    program_.instructions.back().tokens.push_next = true;
  }

  void emit_stores(const TileStep& step) {
    const std::size_t begin = program_.instructions.size();
    const PackedOperand& operand = nest_.operand(Part::result);
    for (const Store& store :
         stores_of(operand, program_.placement.stored[static_cast<std::size_t>(Part::result)],
                   box_of(operand, step.tile), dram_base(Part::result),
                   slot_base(Part::result, step.slot(Part::result)))) {
      add({}, store);
    }
    program_.instructions[begin].tokens.pop_previous = true;
    program_.instructions.back().tokens.push_previous = step.store_signals;
  }

  /// All micro-ops fit: one load at the beginning instead of one per sequence.
  void load_micro_ops_once() {
    std::vector<Instruction> rest;
    for (Instruction& instruction : program_.instructions) {
      const Load* load = std::get_if<Load>(&instruction.operation);
      if (load == nullptr || load->memory != Memory::micro_op) rest.push_back(instruction);
    }
    Load load;
    load.memory = Memory::micro_op;
    load.dram_base = program_.placement.micro_op_address / 4;
    load.x_size = load.x_stride = static_cast<std::int64_t>(program_.micro_ops.size());
    rest.insert(rest.begin(), {{}, load});
    program_.instructions = std::move(rest);
  }

  const Config& config_;
  const Nest& nest_;
  const Tiling& tiling_;
  const Epilogue& epilogue_;
  MicroOpMemory micro_ops_;
  std::array<std::int64_t, kParts> slot_entries_{};
  std::map<std::vector<std::int64_t>, Inside> inside_;  ///< by the trips of a tile
  EmittedProgram program_;
};

}  // namespace

std::int8_t apply(const Epilogue& epilogue, std::int32_t accumulator) {
  const std::int64_t shifted = accumulator >> epilogue.shift;
  return static_cast<std::int8_t>(
      std::min(std::max(shifted, epilogue.low), epilogue.high));
}

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
  const std::int64_t micro_ops = split_loops(nest, tiling.tile).micro_ops;
  if (micro_ops > micro_op_entries(config)) {
    return fmt::format("{} micro-ops exceed the {} of the memory", micro_ops,
                       micro_op_entries(config));
  }
  for (std::int64_t tile : tiling.tile) {
    if (tile > 16383) return fmt::format("{} iterations of a loop exceed 16383", tile);
  }
  return {};
}

EmittedProgram emit(const Config& config, const Nest& nest, const Tiling& tiling,
                    const Epilogue& epilogue) {
  return Emitter(config, nest, tiling, epilogue).run();
}

}  // namespace tileloom::target::vta
