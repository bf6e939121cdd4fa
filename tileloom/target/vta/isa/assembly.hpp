#pragma once
// Instructions as text, one per line; assemble(disassemble(p)) == p.
//
//   load inp sram=3 dram=0x12 y=5 x=7 stride=11 pad=1,2,2,3 push_next   # pads: top bottom left right
//   gemm reset uop=0..1 iter=14x14 dst=14/1 src=0/0 wgt=0/0 pop_prev    # factors: outer/inner
//   alu shr imm=9 uop=0..1 iter=14x14 dst=14/1 src=14/1
//   store out sram=0 dram=0x700 y=1 x=196 stride=196 pop_prev push_prev
//   finish pop_next

#include <string>
#include <vector>

#include "tileloom/support/diagnostic.hpp"
#include "tileloom/target/vta/isa/isa.hpp"

namespace tileloom::target::vta {

/// One instruction, without a line break.
std::string to_text(const Instruction& instruction);
std::string disassemble(const std::vector<Instruction>& program);

/// Reads the text form. `#` begins a comment, fields may stand in any order, those left out have
/// their defaults. Every mistake is reported with its line and column in `file`.
Result<std::vector<Instruction>> assemble(const std::string& text, const std::string& file,
                                          const Config& config);

}  // namespace tileloom::target::vta
