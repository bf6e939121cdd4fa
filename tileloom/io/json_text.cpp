#include "tileloom/io/json_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

namespace tileloom::io {
namespace {

using Json = nlohmann::json;

Where at_offset(const JsonText& json, std::size_t offset) {
  Where where{json.file, 1, 1};
  for (std::size_t i = 0; i < offset && i < json.text.size(); ++i) {
    if (json.text[i] == '\n') {
      ++where.line;
      where.column = 1;
    } else {
      ++where.column;
    }
  }
  return where;
}

/// Steps over valid JSON text, one value at a time.
class Scanner {
 public:
  explicit Scanner(const std::string& text) : text_(text) {}

  std::size_t offset() const { return i_; }

  void space() {
    while (i_ < text_.size() && (text_[i_] == ' ' || text_[i_] == '\n' || text_[i_] == '\t' ||
                                 text_[i_] == '\r' || text_[i_] == ',' || text_[i_] == ':'))
      ++i_;
  }

  /// The names of the members of the object here.
  std::vector<std::string> names() {
    std::vector<std::string> found;
    for (++i_;;) {
      space();
      if (i_ >= text_.size() || text_[i_] != '"') return found;
      found.push_back(key());
      space();
      skip();
    }
  }

  /// Enters the member or item `token` of the value here; false if it has none of that name.
  bool enter(const std::string& token) {
    const bool object = i_ < text_.size() && text_[i_] == '{';
    ++i_;
    for (std::size_t position = 0; i_ < text_.size(); ++position) {
      space();
      if (i_ >= text_.size() || text_[i_] == '}' || text_[i_] == ']') return false;
      std::string name = std::to_string(position);
      if (object) {
        name = key();
        space();
      }
      if (name == token) return true;
      skip();
    }
    return false;
  }

 private:
  std::string key() {
    const std::size_t begin = i_;
    skip();
    return Json::parse(text_.substr(begin, i_ - begin)).get<std::string>();
  }

  void skip_string() {
    for (++i_; i_ < text_.size() && text_[i_] != '"'; ++i_)
      if (text_[i_] == '\\') ++i_;
    ++i_;
  }

  void skip() {
    int depth = 0;
    do {
      const char c = text_[i_];
      if (c == '"') {
        skip_string();
      } else if (c == '{' || c == '[') {
        ++depth;
        ++i_;
      } else if (c == '}' || c == ']') {
        --depth;
        ++i_;
      } else {
        i_ = text_.find_first_of(",:]}[{\" \n\t\r", i_ + 1);
        if (i_ == std::string::npos) i_ = text_.size();
      }
      if (depth > 0) space();
    } while (depth > 0 && i_ < text_.size());
  }

  const std::string& text_;
  std::size_t i_ = 0;
};

std::string described(const Json& value) {
  if (value.is_object()) return "an object";
  if (value.is_array()) return "an array";
  const std::string text = value.dump(-1, ' ', false, Json::error_handler_t::replace);
  return text.size() > 60 ? text.substr(0, 57) + "..." : text;
}

}  // namespace

Result<JsonText> parse_json(std::string file, std::string text) {
  JsonText result{std::move(file), std::move(text), {}};
  if (result.text.find_first_not_of(" \t\r\n") == std::string::npos)
    return tileloom::mistake({result.file, 0, 0}, "the file is empty",
                             "expected JSON text");
  try {
    result.root = Json::parse(result.text);
  } catch (const Json::parse_error& error) {
    const std::size_t offset = error.byte > 0 ? error.byte - 1 : 0;
    return tileloom::mistake(
        at_offset(result, offset),
        offset >= result.text.size() ? "the JSON text ends too early" : "not valid JSON from here",
        "check quotes, commas and brackets before this place");
  } catch (const Json::out_of_range&) {
    return tileloom::mistake({result.file, 0, 0}, "a number in the file is too large",
                             "numbers must fit into 64 bits or a double");
  }
  return result;
}

namespace {

/// Puts the scanner before the value at `pointer`, or before the last one on the way that exists.
void scan_to(Scanner& scanner, const Json::json_pointer& pointer, std::size_t& offset) {
  std::vector<std::string> tokens;
  for (Json::json_pointer p = pointer; !p.empty(); p.pop_back()) tokens.push_back(p.back());
  scanner.space();
  offset = scanner.offset();
  for (auto token = tokens.rbegin(); token != tokens.rend(); ++token) {
    if (!scanner.enter(*token)) break;
    offset = scanner.offset();
  }
}

}  // namespace

Where locate(const JsonText& json_text, const Json::json_pointer& pointer) {
  Scanner scanner(json_text.text);
  std::size_t offset = 0;
  scan_to(scanner, pointer, offset);
  return at_offset(json_text, offset);
}

void Reading::mistake(const Node& node, std::string what, std::string hint) {
  mistakes_.push_back({locate(json_, node.pointer), std::move(what), std::move(hint)});
}

Node Reading::member(const Node& object, const std::string& key) {
  static const Json null;
  if (object.value->is_null()) return {&null, object.pointer};  // already reported
  if (!object.value->is_object()) {
    mistake(object,
            fmt::format("expected an object with \"{}\", found {}", key, described(*object.value)),
            "write it in braces");
    return {&null, object.pointer};
  }
  const auto found = object.value->find(key);
  if (found == object.value->end()) {
    mistake(object, fmt::format("\"{}\" is missing", key), "every object of its kind needs it");
    return {&null, object.pointer};
  }
  const Node node{&*found, object.pointer / key};
  if (found->is_null()) mistake(node, fmt::format("\"{}\" must not be null", key), "give a value");
  return node;
}

std::optional<Node> Reading::optional_member(const Node& object, const std::string& key) {
  if (!object.value->is_object()) return std::nullopt;
  const auto found = object.value->find(key);
  if (found == object.value->end() || found->is_null()) return std::nullopt;
  return Node{&*found, object.pointer / key};
}

std::vector<Node> Reading::items(const Node& array) {
  if (array.value->is_null()) return {};
  if (!array.value->is_array()) {
    mistake(array, fmt::format("expected an array, found {}", described(*array.value)),
            "write it in square brackets");
    return {};
  }
  std::vector<Node> nodes;
  for (std::size_t i = 0; i < array.value->size(); ++i)
    nodes.push_back({&(*array.value)[i], array.pointer / i});
  return nodes;
}

std::vector<std::pair<std::string, Node>> Reading::members(const Node& object) {
  if (object.value->is_null()) return {};
  if (!object.value->is_object()) {
    mistake(object, fmt::format("expected an object, found {}", described(*object.value)),
            "write it in braces");
    return {};
  }
  std::vector<std::pair<std::string, Node>> nodes;
  for (const auto& [key, value] : object.value->items())
    nodes.emplace_back(key, Node{&value, object.pointer / key});
  return nodes;
}

std::vector<std::pair<std::string, Node>> Reading::members_as_written(const Node& object) {
  if (!object.value->is_object()) return members(object);  // which says what is wrong
  Scanner scanner(json_.text);
  std::size_t offset = 0;
  scan_to(scanner, object.pointer, offset);
  // Of an object that is written twice the text shows the first and the value is the last.
  std::vector<std::string> keys = scanner.names();
  for (const auto& [key, value] : object.value->items()) keys.push_back(key);
  std::vector<std::pair<std::string, Node>> nodes;
  for (const std::string& key : keys) {
    const bool known =
        std::ranges::any_of(nodes, [&](const auto& node) { return node.first == key; });
    if (!known && object.value->contains(key))
      nodes.emplace_back(key, Node{&object.value->at(key), object.pointer / key});
  }
  return nodes;
}

std::string Reading::string(const Node& node) {
  if (node.value->is_string()) return node.value->get<std::string>();
  if (!node.value->is_null())
    mistake(node, fmt::format("expected a text, found {}", described(*node.value)),
            "write it in quotes");
  return {};
}

bool Reading::boolean(const Node& node) {
  if (node.value->is_boolean()) return node.value->get<bool>();
  if (!node.value->is_null())
    mistake(node, fmt::format("expected true or false, found {}", described(*node.value)),
            "write one of the two, without quotes");
  return false;
}

std::int64_t Reading::integer_from(const Node& node, std::int64_t least) {
  const Json& value = *node.value;
  if (value.is_null()) return least;
  const bool fits = value.is_number_integer() &&
                    !(value.is_number_unsigned() && value.get<std::uint64_t>() > INT64_MAX);
  if (fits && value.get<std::int64_t>() >= least) return value.get<std::int64_t>();
  mistake(node,
          fmt::format("expected an integer of at least {}, found {}", least, described(value)),
          "the schema of the reference file says what the figure means");
  return least;
}

std::int64_t Reading::positive_integer(const Node& node) { return integer_from(node, 1); }
std::int64_t Reading::non_negative_integer(const Node& node) { return integer_from(node, 0); }

double Reading::non_negative_number(const Node& node) {
  if (node.value->is_null()) return 0;
  if (node.value->is_number() && node.value->get<double>() >= 0) return node.value->get<double>();
  mistake(node, fmt::format("expected a number of at least 0, found {}", described(*node.value)),
          "write a number without quotes");
  return 0;
}

double Reading::positive_number(const Node& node) {
  if (node.value->is_null()) return 1;
  if (node.value->is_number() && node.value->get<double>() > 0) return node.value->get<double>();
  mistake(node, fmt::format("expected a number above 0, found {}", described(*node.value)),
          "write a number without quotes");
  return 1;
}

}  // namespace tileloom::io
