#pragma once
// A YAML text as a plain value: every node knows its place, and nothing of the parser shows.

#include <optional>
#include <string>
#include <vector>

#include "tileloom/support/diagnostic.hpp"

namespace tileloom::yaml {

/// Line and column in the file, counted from 1.
struct Place {
  int line = 0;
  int column = 0;
  bool operator==(const Place&) const = default;
};

struct Key {
  std::string name;
  Place place;
};

struct Node {
  enum class Kind { null, scalar, list, map };
  Kind kind = Kind::null;
  Place place;
  std::string text;         ///< of a scalar
  std::vector<Key> keys;    ///< of a map, in the order of the file
  std::vector<Node> items;  ///< of a list; of a map: the value of each key
};

/// What the text is limited to; beyond it a mistake is reported, so that no input can exhaust the
/// machine.
inline constexpr std::size_t kMaxBytes = std::size_t{1} << 20;
inline constexpr std::size_t kMaxDepth = 32;

/// Reads the one YAML document in `text`. Mistakes (empty, not YAML, a tab as indentation, a
/// duplicate key, an alias, too deep, too long) are added to `diagnostics`. Absent if there is
/// nothing to go on with. `expected` completes the sentence "expected ...", such as "an
/// architecture with name, source and machine".
std::optional<Node> parse_document(const std::string& text, const std::string& file,
                                   const std::string& expected, Diagnostics& diagnostics);

/// `text` in quotes, shortened to 40 characters, unprintable ones as \xNN.
std::string quoted(const std::string& text);

}  // namespace tileloom::yaml
