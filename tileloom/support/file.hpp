#pragma once
#include <string>
#include <utility>
#include <vector>

#include "tileloom/support/diagnostic.hpp"

namespace tileloom {

/// The whole content of a file, or a mistake naming the file and the operating system's reason.
Result<std::string> read_file(const std::string& path);

/// Writes `content` under a temporary name in the same folder, flushes it to disk and renames it to
/// `path`: readers see the old file or the whole new one, never a part. Creates missing folders.
/// A symbolic link keeps pointing to what it names; a device or pipe is written into.
Result<void> write_file(const std::string& path, const std::string& content);

/// Paths and contents of files.
using Files = std::vector<std::pair<std::string, std::string>>;

/// Writes each as write_file does, or none at all, not even a folder, if one of them cannot be
/// written. Different contents for one path are a mistake.
Result<void> write_files(const Files& files);

}  // namespace tileloom
