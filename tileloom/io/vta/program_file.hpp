#pragma once
// Programs as one file (.tlp): a tar archive of a program image and of host.json, which names the
// tensors with their shapes, regions and element maps (64-bit integers, little endian).

#include <string>

#include "tileloom/support/diagnostic.hpp"
#include "tileloom/target/vta/isa/program.hpp"

namespace tileloom::io::vta {

std::string program_bytes(const target::vta::Program& program);

/// The program in the bytes of a .tlp file; messages name `path`.
Result<target::vta::Program> parse_program(const std::string& bytes, const std::string& path);

/// Reads a .tlp file, or an image (a folder or its JSON file), which has no tensors.
Result<target::vta::Program> read_program(const std::string& path);

}  // namespace tileloom::io::vta
