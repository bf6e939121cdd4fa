#pragma once
// The folder that --out names: locked for one run at a time, every file whole or absent.

#include <optional>
#include <string>

#include "tileloom/support/diagnostic.hpp"
#include "tileloom/support/file.hpp"

namespace tileloom::cli {

/// Creates the folder if it is missing. A mistake if it cannot be, or if nothing can be written there.
Result<void> make_folder(const std::string& path);

/// Holds a folder for this run. The lock is the operating system's on `.tileloom.lock` in the
/// folder: it ends with the process, so a run that was killed leaves nothing behind that blocks.
class OutputFolder {
 public:
  /// Creates the folder if it is missing. A mistake if it cannot be written or another run holds
  /// it.
  static Result<OutputFolder> open(const std::string& path);
  /// None for an empty path: --out was not given.
  static Result<std::optional<OutputFolder>> open_if_named(const std::string& path);
  ~OutputFolder();
  OutputFolder(OutputFolder&& other) noexcept;
  OutputFolder(const OutputFolder&) = delete;
  OutputFolder& operator=(const OutputFolder&) = delete;
  OutputFolder& operator=(OutputFolder&&) = delete;

  /// Adds files given by their names in the folder to those that are to be written.
  void add(Files named, Files& files) const;

 private:
  OutputFolder(std::string path, int lock) : path_(std::move(path)), lock_(lock) {}
  std::string path_;
  int lock_ = -1;
};

/// A layer's name as part of a file name: letters, digits, '.', '-' and '_' stay.
std::string file_name_part(const std::string& name);

}  // namespace tileloom::cli
