#pragma once
// Timeloop's input files, in any number and order: an architecture, a problem, a mapping.

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "tileloom/cost/profiles/timeloop/mapping.hpp"
#include "tileloom/io/timeloop/read_architecture.hpp"

namespace tileloom::io::timeloop {

/// What the files held.
struct Files {
  std::optional<ArchitectureFile> architecture;
  std::optional<cost::timeloop::Problem> problem;
  /// A mapping and the architecture it is for: containers with loops of their own are levels there.
  std::optional<cost::timeloop::Mapping> mapping;
  cost::timeloop::Arch mapped_arch;
  std::vector<std::string> notes;  ///< what the files say that was not carried over
};

struct NamedText {
  std::string file;
  std::string text;
};

/// Reads all texts together; a mapping needs the other two. All mistakes of all files are returned.
Result<Files> read_texts(std::span<const NamedText> texts);

/// The same from disk.
Result<Files> read_files(std::span<const std::string> paths);

}  // namespace tileloom::io::timeloop
