#pragma once
// A program being written: instructions in order, and the micro-ops they need.

#include <cstdint>
#include <utility>
#include <vector>

#include "tileloom/target/vta/codegen/micro_ops.hpp"
#include "tileloom/target/vta/isa/config.hpp"
#include "tileloom/target/vta/isa/isa.hpp"

namespace tileloom::target::vta {

/// Micro-ops that a program may use at once: the default RTL holds fewer than the encoding allows.
std::int64_t micro_op_entries(const Config& config);

class ProgramWriter {
 public:
  /// @param micro_op_address  where the micro-ops will lie in DRAM [bytes]
  ProgramWriter(const Config& config, std::int64_t micro_op_address)
      : micro_op_address_(micro_op_address), micro_ops_(config, micro_op_entries(config)) {}

  void add(Tokens tokens, decltype(Instruction::operation) operation) {
    instructions_.push_back({tokens, std::move(operation)});
  }
  /// An instruction of the compute unit that only handles tokens.
  void add_sync(Tokens tokens);

  /// A nest of one trip over these micro-ops, which are loaded if need be.
  LoopNest loops_of(const std::vector<MicroOp>& sequence);
  /// A nest over `count` entries from `base` on in the loop inside.
  LoopNest entries(std::int64_t base, std::int64_t count);

  std::size_t size() const { return instructions_.size(); }
  Tokens& tokens(std::size_t instruction) { return instructions_[instruction].tokens; }
  Tokens& last_tokens() { return instructions_.back().tokens; }

  /// The instructions; where all micro-ops fit, one load at the beginning brings them.
  std::vector<Instruction> take_instructions();
  const std::vector<std::uint32_t>& micro_ops() const { return micro_ops_.words(); }

 private:
  std::int64_t micro_op_address_;
  MicroOpMemory micro_ops_;
  std::vector<Instruction> instructions_;
};

}  // namespace tileloom::target::vta
