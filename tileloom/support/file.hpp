#pragma once
#include <string>

#include "tileloom/support/diagnostic.hpp"

namespace tileloom {

/// The whole content of a file, or a mistake naming the file and the operating system's reason.
Result<std::string> read_file(const std::string& path);

/// Writes `content` under a temporary name in the same folder, flushes it to disk and renames it to
/// `path`: readers see the old file or the whole new one, never a part. Creates missing folders.
/// A symbolic link keeps pointing to what it names; a device or pipe is written into.
Result<void> write_file(const std::string& path, const std::string& content);

}  // namespace tileloom
