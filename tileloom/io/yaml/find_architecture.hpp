#pragma once
// Architectures by name: NAME stands for NAME.yaml in one of the folders of shipped architectures.

#include <span>
#include <string>
#include <vector>

#include "tileloom/arch/architecture.hpp"
#include "tileloom/support/diagnostic.hpp"

namespace tileloom {

/// Where the architectures that come with Tileloom are: the source tree it was built from and the
/// folder it is installed to.
std::vector<std::string> shipped_architecture_folders();

/// Names of all architectures in `folders`, sorted, each once.
std::vector<std::string> architecture_names(std::span<const std::string> folders);

/// The file of `name_or_path`: the path itself if it names a file (or looks like a path), else
/// NAME.yaml in the first folder that has it. An unknown name is a mistake with the nearest known
/// one.
Result<std::string> find_architecture(const std::string& name_or_path,
                                      std::span<const std::string> folders);

/// Finds among the shipped ones, then reads.
Result<Architecture> load_architecture(const std::string& name_or_path);

}  // namespace tileloom
