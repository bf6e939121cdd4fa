#pragma once
// Reads a tensor instruction. The format: docs/architecture_format.md, "Instructions".

#include <string>
#include <vector>

#include "tileloom/embedding/instruction.hpp"
#include "tileloom/support/diagnostic.hpp"

namespace tileloom {

Result<Instruction> read_instruction(const std::string& path);
Result<Instruction> parse_instruction(const std::string& text, const std::string& file);

/// Names of the instructions that come with Tileloom, sorted.
std::vector<std::string> instruction_names();

/// A file, or the name of an instruction that comes with Tileloom.
Result<Instruction> load_instruction(const std::string& name_or_path);

}  // namespace tileloom
