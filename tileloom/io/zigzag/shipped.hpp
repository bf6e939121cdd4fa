#pragma once
// Machines and networks by name: NAME stands for name.json in a shipped folder.

#include <span>
#include <string>
#include <vector>

#include "tileloom/io/json_text.hpp"
#include "tileloom/support/file.hpp"
#include "tileloom/support/nearest.hpp"

namespace tileloom::io::zigzag {

/// archs/defines and models/defines: in the source tree and where they are installed.
std::vector<std::string> shipped_machine_folders();
std::vector<std::string> shipped_network_folders();

/// The names given inside the files of `folders`, sorted.
std::vector<std::string> names_in(const std::vector<std::string>& folders);

/// The file of `name_or_path`: itself if it looks like a path, else the shipped one of that name,
/// upper or lower case. `kind` completes "unknown ...".
Result<std::string> find_file(const std::string& name_or_path,
                              const std::vector<std::string>& folders, const std::string& kind);

/// A path and what stands behind its last '#'.
struct FileAndName {
  std::string file, name;
};
FileAndName split_name(const std::string& path);

/// The one thing of its kind in a file: the file's root with its "name", or the member `#NAME` (or
/// the only member) of `group`. Mistakes are collected in `reading`.
std::pair<std::string, Node> choose(Reading& reading, const std::string& group,
                                    const std::string& kind, const std::string& wanted);

/// Reads the file and then that one thing in it.
template <class T, class Read>
Result<T> read_one(const std::string& path, const std::string& group, const std::string& kind,
                   Read read) {
  const FileAndName given = split_name(path);
  Result<std::string> text = read_file(given.file);
  if (!text) return tl::unexpected(text.error());
  const Result<JsonText> json = parse_json(given.file, *std::move(text));
  if (!json) return tl::unexpected(json.error());
  Reading reading(*json);
  const auto [name, node] = choose(reading, group, kind, given.name);
  if (!reading.mistakes().empty()) return tl::unexpected(reading.mistakes());
  T value = read(reading, node, name);
  if (!reading.mistakes().empty()) return tl::unexpected(reading.mistakes());
  return value;
}

}  // namespace tileloom::io::zigzag
