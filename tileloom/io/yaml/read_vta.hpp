#pragma once
// Reads a VTA machine. The format: docs/architecture_format.md, "VTA machines".

#include <optional>
#include <string>

#include "tileloom/support/diagnostic.hpp"
#include "tileloom/target/vta/isa/timing_options.hpp"

namespace tileloom {

Result<target::vta::Machine> parse_vta(const std::string& text, const std::string& file);
Result<target::vta::Machine> read_vta(const std::string& path);

/// True if the text is a YAML map with a key `vta`, right or wrong otherwise.
bool describes_vta(const std::string& text);

}  // namespace tileloom
