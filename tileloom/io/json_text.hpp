#pragma once
// A JSON file whose values can be traced back to their line and column.

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "tileloom/support/diagnostic.hpp"

namespace tileloom::io {

/// A parsed file and its text.
struct JsonText {
  std::string file;
  std::string text;
  nlohmann::json root;
};

/// Parses `text`; a syntax error is one mistake at its line and column.
Result<JsonText> parse_json(std::string file, std::string text);

/// Where the value at `pointer` begins.
Where locate(const JsonText& json, const nlohmann::json::json_pointer& pointer);

/// A value and the way to it.
struct Node {
  const nlohmann::json* value = nullptr;
  nlohmann::json::json_pointer pointer;
};

/// Reads values out of a JsonText and collects every mistake. After a mistake the functions return
/// a harmless value, so that reading goes on and finds the next one.
class Reading {
 public:
  explicit Reading(const JsonText& json) : json_(json) {}

  Node root() const { return {&json_.root, nlohmann::json::json_pointer()}; }
  /// The member `key` of an object; absence is a mistake.
  Node member(const Node& object, const std::string& key);
  /// The member `key` if it is there and not null.
  std::optional<Node> optional_member(const Node& object, const std::string& key);
  /// The items of an array.
  std::vector<Node> items(const Node& array);
  /// Name and value of every member of an object, in alphabetical order.
  std::vector<std::pair<std::string, Node>> members(const Node& object);
  /// The same in the order of the text.
  std::vector<std::pair<std::string, Node>> members_as_written(const Node& object);

  std::string string(const Node& node);
  bool boolean(const Node& node);
  std::int64_t positive_integer(const Node& node);
  std::int64_t non_negative_integer(const Node& node);
  double non_negative_number(const Node& node);
  double positive_number(const Node& node);

  void mistake(const Node& node, std::string what, std::string hint);
  const Diagnostics& mistakes() const { return mistakes_; }

 private:
  std::int64_t integer_from(const Node& node, std::int64_t least);

  const JsonText& json_;
  Diagnostics mistakes_;
};

}  // namespace tileloom::io
