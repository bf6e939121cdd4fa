#include "tileloom/io/zigzag/shipped.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>
#include <filesystem>

#include "tileloom/support/data_folders.hpp"

namespace tileloom::io::zigzag {
namespace {

namespace fs = std::filesystem;

std::string lower(std::string text) {
  std::ranges::transform(text, text.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

std::vector<fs::path> files_in(const std::vector<std::string>& folders) {
  std::vector<fs::path> files;
  for (const std::string& folder : folders) {
    std::error_code error;
    for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error))
      if (it->path().extension() == ".json") files.push_back(it->path());
  }
  return files;
}

/// The name inside a shipped file, or that of the file if it has none.
std::string name_inside(const fs::path& file) {
  const Result<std::string> text = read_file(file.string());
  const nlohmann::json root =
      text ? nlohmann::json::parse(*text, nullptr, false) : nlohmann::json();
  if (root.is_object() && root.contains("name") && root["name"].is_string())
    return root["name"].get<std::string>();
  return file.stem().string();
}

}  // namespace

std::vector<std::string> shipped_machine_folders() {
  return data_folders("archs/defines");
}

std::vector<std::string> shipped_network_folders() {
  return data_folders("models/defines");
}

std::vector<std::string> names_in(const std::vector<std::string>& folders) {
  std::vector<std::string> names;
  for (const fs::path& file : files_in(folders)) names.push_back(name_inside(file));
  std::ranges::sort(names);
  const auto repeated = std::unique(names.begin(), names.end());
  names.erase(repeated, names.end());
  return names;
}

Result<std::string> find_file(const std::string& name_or_path,
                              const std::vector<std::string>& folders, const std::string& kind) {
  const fs::path path(name_or_path);
  if (path.has_parent_path() || path.has_extension()) return name_or_path;
  for (const fs::path& file : files_in(folders))
    if (lower(file.stem().string()) == lower(name_or_path)) return file.string();
  const std::vector<std::string> known = names_in(folders);
  return mistake({}, fmt::format("unknown {} \"{}\"", kind, name_or_path),
                 known.empty() ? "give the path of a file"
                               : fmt::format("known: {}; or give the path of a JSON file",
                                             fmt::join(known, ", ")));
}

FileAndName split_name(const std::string& path) {
  const std::size_t hash = path.rfind('#');
  if (hash == std::string::npos) return {path, {}};
  return {path.substr(0, hash), path.substr(hash + 1)};
}

std::pair<std::string, Node> choose(Reading& reading, const std::string& group,
                                    const std::string& kind, const std::string& wanted) {
  const Node root = reading.root();
  const std::optional<Node> several = reading.optional_member(root, group);
  if (!several) return {reading.string(reading.member(root, "name")), root};
  std::vector<std::string> known;
  for (const auto& [name, node] : reading.members(*several)) {
    if (name == wanted || (wanted.empty() && several->value->size() == 1)) return {name, node};
    known.push_back(name);
  }
  if (wanted.empty())
    reading.mistake(*several, fmt::format("the file holds {} of them", known.size()),
                    fmt::format("write FILE#NAME; known: {}", fmt::join(known, ", ")));
  else
    reading.mistake(*several, fmt::format("unknown {} \"{}\"", kind, wanted),
                    fmt::format("known: {}", fmt::join(known, ", ")));
  return {wanted, root};
}

}  // namespace tileloom::io::zigzag
