#include "tileloom/io/timeloop/read_files.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "tileloom/cost/profiles/timeloop/check.hpp"
#include "tileloom/io/timeloop/read_mapping.hpp"
#include "tileloom/io/timeloop/read_problem.hpp"
#include "tileloom/support/checked.hpp"
#include "tileloom/support/file.hpp"
#include "tileloom/support/nearest.hpp"

namespace tileloom::io::timeloop {
namespace {

const std::vector<std::string> kRead{"architecture", "problem", "mapping"};

/// Top-level keys of Timeloop and Accelergy that have no counterpart here.
const std::vector<std::string> kLeft{"components",
                                     "compound_components",
                                     "variables",
                                     "mapper",
                                     "mapspace",
                                     "mapspace_constraints",
                                     "architecture_constraints",
                                     "constraints",
                                     "ERT",
                                     "ART",
                                     "sparse_optimizations",
                                     "layout",
                                     "globals",
                                     "model",
                                     "dumped_by_timeloop_front_end",
                                     "jinja_parse_data"};

/// Every top-level section once, over all files.
std::map<std::string, Node> sections(std::span<const NamedText> texts, Reading& reading,
                                     Files& files) {
  std::vector<std::string> known = kRead;
  known.insert(known.end(), kLeft.begin(), kLeft.end());
  std::map<std::string, Node> found;
  for (const NamedText& text : texts) {
    std::optional<Node> root = parse_document(text.text, text.file, reading.mistakes());
    if (!root) continue;
    for (std::size_t i = 0; i < root->keys.size(); ++i) {
      const std::string& key = root->keys[i];
      const Where& where = root->key_places[i];
      if (std::find(kRead.begin(), kRead.end(), key) != kRead.end()) {
        if (!found.emplace(key, std::move(root->items[i])).second)
          reading.mistake(where, fmt::format("a second '{}'", key), "give one");
      } else if (std::find(kLeft.begin(), kLeft.end(), key) != kLeft.end()) {
        files.notes.push_back(fmt::format("{}:{}: '{}' was not read", text.file, where.line, key));
      } else {
        reading.mistake(where, fmt::format("unknown key '{}'", key), suggestion(key, kRead));
      }
    }
  }
  return found;
}

void read_mapping_section(const Node& node, Files& files, Reading& reading) {
  if (!files.architecture || !files.problem) {
    reading.mistake(node.where, "the mapping needs an architecture and a problem",
                    "give their files too");
    return;
  }
  const auto is_level = [&](const std::string& name) {
    const auto& levels = files.architecture->arch.levels;
    return std::any_of(levels.begin(), levels.end(),
                       [&](const auto& level) { return level.name == name; });
  };
  std::vector<std::string> containers;
  for (const std::string& target : mapping_targets(node))
    for (const Container& container : files.architecture->containers)
      if (target == container_level(container.name) ||
          (target == container.name && !is_level(target)))
        containers.push_back(container.name);
  files.mapped_arch = with_container_levels(*files.architecture, containers);
  files.mapping = read_mapping(node, files.mapped_arch, *files.problem, reading);
  if (!reading.mistakes().empty()) return;
  for (const Violation& violation :
       cost::timeloop::check(files.mapped_arch, *files.problem, *files.mapping))
    reading.mistake(node.where, violation.what, violation.hint);
}

}  // namespace

Result<Files> read_texts(std::span<const NamedText> texts) {
  Reading reading;
  Files files;
  try {
    const std::map<std::string, Node> found = sections(texts, reading, files);
    const auto section = [&](const std::string& key) {
      const auto at = found.find(key);
      return at == found.end() ? nullptr : &at->second;
    };
    if (const Node* node = section("architecture")) {
      files.architecture = read_architecture(*node, reading);
      for (const std::string& note : files.architecture->notes) files.notes.push_back(note);
    }
    if (const Node* node = section("problem")) files.problem = read_problem(*node, reading);
    if (const Node* node = section("mapping"))
      if (reading.mistakes().empty()) read_mapping_section(*node, files, reading);
    if (found.empty() && reading.mistakes().empty())
      reading.mistake({texts.empty() ? "" : texts[0].file, 0, 0},
                      "no architecture, problem or mapping", "expected one of these keys");
  } catch (const OverflowError&) {
    reading.mistake({texts.empty() ? "" : texts[0].file, 0, 0},
                    "a size in these files does not fit into 64 bits", "use smaller sizes");
  }
  if (!reading.mistakes().empty()) return tl::unexpected(reading.mistakes());
  return files;
}

Result<Files> read_files(std::span<const std::string> paths) {
  std::vector<NamedText> texts;
  Diagnostics mistakes;
  for (const std::string& path : paths) {
    Result<std::string> text = read_file(path);
    if (text)
      texts.push_back({path, std::move(*text)});
    else
      mistakes.insert(mistakes.end(), text.error().begin(), text.error().end());
  }
  if (!mistakes.empty()) return tl::unexpected(std::move(mistakes));
  return read_texts(texts);
}

}  // namespace tileloom::io::timeloop
