#pragma once
// Several files in one: a tar archive (POSIX ustar), so that any tool can take a program apart.

#include <string>
#include <utility>
#include <vector>

#include "tileloom/support/diagnostic.hpp"

namespace tileloom::io::vta {

using Files = std::vector<std::pair<std::string, std::string>>;  ///< (name, content)

/// Names of at most 100 bytes, contents below 8 GiB.
std::string to_archive(const Files& files);

/// The regular files of an archive. Mistakes name `path`: a damaged header, a truncated file.
Result<Files> from_archive(const std::string& bytes, const std::string& path);

}  // namespace tileloom::io::vta
