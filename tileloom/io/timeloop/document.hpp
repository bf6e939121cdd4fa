#pragma once
// A YAML text with the places and tags of its nodes; anchors and merge keys are resolved.

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tileloom/support/diagnostic.hpp"

namespace tileloom::io::timeloop {

struct Node {
  enum class Kind { null, scalar, list, map };
  Kind kind = Kind::null;
  Where where;
  std::string tag;   ///< "!Component", or empty
  std::string text;  ///< of a scalar
  bool quoted = false;
  std::vector<std::string> keys;  ///< of a map; "block-size" is read as "block_size"
  std::vector<Where> key_places;
  std::vector<Node> items;  ///< of a list; of a map: the value of each key
};

/// The value of `key`, or nothing if the node is no map or has no such key (or null there).
const Node* find(const Node& map, const std::string& key);

/// Largest text and number of nodes (aliases expanded) that is read: no input exhausts the machine.
inline constexpr std::size_t kMostBytes = std::size_t{1} << 22;
inline constexpr std::size_t kMostNodes = 200'000;

/// Reads the one document in `text`; what is wrong with it as YAML is added to `mistakes`.
std::optional<Node> parse_document(const std::string& text, const std::string& file,
                                   Diagnostics& mistakes);

}  // namespace tileloom::io::timeloop
