#pragma once
// Reads an accelerator. The format: docs/architecture_format.md.

#include <string>

#include "tileloom/arch/architecture.hpp"
#include "tileloom/support/diagnostic.hpp"

namespace tileloom {

Result<Architecture> read_architecture(const std::string& path);

/// The same from a text; `file` is the name in messages.
Result<Architecture> parse_architecture(const std::string& text, const std::string& file);

/// The source of an energy that is given in the file without a source of its own.
inline constexpr const char* kGivenEnergy = "given in the architecture file";

}  // namespace tileloom
