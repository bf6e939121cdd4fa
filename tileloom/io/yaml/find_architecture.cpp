#include "tileloom/io/yaml/find_architecture.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "tileloom/io/yaml/document.hpp"
#include "tileloom/io/yaml/read_architecture.hpp"
#include "tileloom/support/data_folders.hpp"
#include "tileloom/support/nearest.hpp"

namespace tileloom {

namespace fs = std::filesystem;

std::vector<std::string> shipped_architecture_folders() {
  return data_folders("archs");
}

std::vector<std::string> architecture_names(std::span<const std::string> folders) {
  std::vector<std::string> names;
  for (const std::string& folder : folders) {
    std::error_code error;
    for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
      if (it->path().extension() == ".yaml") names.push_back(it->path().stem().string());
    }
  }
  std::ranges::sort(names);
  const auto repeated = std::unique(names.begin(), names.end());
  names.erase(repeated, names.end());
  return names;
}

Result<std::string> find_architecture(const std::string& name_or_path,
                                      std::span<const std::string> folders) {
  const fs::path path(name_or_path);
  std::error_code error;
  if (path.has_parent_path() || path.has_extension() || fs::is_regular_file(path, error)) {
    return name_or_path;
  }
  for (const std::string& folder : folders) {
    const fs::path candidate = fs::path(folder) / (name_or_path + ".yaml");
    if (fs::is_regular_file(candidate, error)) return candidate.string();
  }
  const std::vector<std::string> known = architecture_names(folders);
  return mistake({}, fmt::format("unknown architecture {}", yaml::quoted(name_or_path)),
                 known.empty() ? "give the path of a file" : suggestion(name_or_path, known));
}

Result<Architecture> load_architecture(const std::string& name_or_path) {
  const std::vector<std::string> folders = shipped_architecture_folders();
  const Result<std::string> path = find_architecture(name_or_path, folders);
  if (!path) return tl::unexpected(path.error());
  return read_architecture(*path);
}

}  // namespace tileloom
