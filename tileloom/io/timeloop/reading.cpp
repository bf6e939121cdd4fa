#include "tileloom/io/timeloop/reading.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "tileloom/support/nearest.hpp"

namespace tileloom::io::timeloop {
namespace {

std::string described(const Node& node) {
  switch (node.kind) {
    case Node::Kind::null:
      return "nothing";
    case Node::Kind::list:
      return "a list";
    case Node::Kind::map:
      return "a map";
    case Node::Kind::scalar:
      break;
  }
  return "'" + (node.text.size() > 40 ? node.text.substr(0, 37) + "..." : node.text) + "'";
}

std::optional<double> parse_number(const std::string& text) {
  double value = 0;
  const char* begin = text.data() + (text.starts_with('+') ? 1 : 0);
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(begin, end, value);
  if (error != std::errc() || stop != end || !std::isfinite(value)) return std::nullopt;
  return value;
}

}  // namespace

const Node* Reading::need(const Node& map, const std::string& key, const std::string& of) {
  if (map.kind != Node::Kind::map) {
    mistake(map.where, fmt::format("expected {} as a map, found {}", of, described(map)),
            "write 'key: value' lines below it");
    return nullptr;
  }
  const Node* node = find(map, key);
  if (node == nullptr) mistake(map.where, fmt::format("{} has no '{}'", of, key), "add it");
  return node;
}

std::string Reading::text(const Node& node) {
  if (node.kind == Node::Kind::scalar) return node.text;
  mistake(node.where, fmt::format("expected a word, found {}", described(node)),
          "write it on the same line after the colon");
  return {};
}

std::optional<double> Reading::number(const Node& node, const std::string& name) {
  const std::optional<double> value =
      node.kind == Node::Kind::scalar ? parse_number(node.text) : std::nullopt;
  if (!value)
    mistake(node.where, fmt::format("{} is {}, expected a number", name, described(node)),
            "expressions and units are not evaluated: write the number");
  return value;
}

std::int64_t Reading::positive_integer(const Node& node, const std::string& name) {
  std::int64_t value = 0;
  const char* end = node.text.data() + node.text.size();
  const auto [stop, error] = std::from_chars(node.text.data(), end, value);
  if (node.kind == Node::Kind::scalar && error == std::errc() && stop == end && value >= 1)
    return value;
  if (node.kind == Node::Kind::scalar && error == std::errc::result_out_of_range)
    mistake(node.where,
            fmt::format("{} is {}, which does not fit into 64 bits", name, described(node)),
            "use a smaller number");
  else
    mistake(node.where,
            fmt::format("{} is {}, expected an integer of at least 1", name, described(node)),
            "write a whole number without a unit");
  return 1;
}

double Reading::positive_number(const Node& node, const std::string& name) {
  const std::optional<double> value = number(node, name);
  if (!value) return 1;
  if (*value > 0) return *value;
  mistake(node.where, fmt::format("{} is {}, must be above 0", name, described(node)),
          "leave it out if there is no limit");
  return 1;
}

double Reading::non_negative_number(const Node& node, const std::string& name) {
  const std::optional<double> value = number(node, name);
  if (!value) return 0;
  if (*value >= 0) return *value;
  mistake(node.where, fmt::format("{} is {}, must not be negative", name, described(node)),
          "write 0 for nothing");
  return 0;
}

bool Reading::boolean(const Node& node, const std::string& name) {
  std::string word = node.kind == Node::Kind::scalar ? node.text : "";
  std::transform(word.begin(), word.end(), word.begin(), [](char c) {
    return static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
  });
  if (word == "true" || word == "yes" || word == "on") return true;
  if (word != "false" && word != "no" && word != "off")
    mistake(node.where, fmt::format("{} is {}, expected true or false", name, described(node)),
            "write one of the two");
  return false;
}

std::vector<Reading::Word> Reading::words(const Node& node, const std::string& name) {
  std::vector<Word> result;
  if (node.kind == Node::Kind::null) return result;
  if (node.kind == Node::Kind::list) {
    for (const Node& item : node.items)
      for (Word& word : words(item, name)) result.push_back(std::move(word));
    return result;
  }
  if (node.kind != Node::Kind::scalar) {
    mistake(node.where, fmt::format("{} is {}, expected a list of words", name, described(node)),
            "write it as [A, B]");
    return result;
  }
  Word word{{}, node.where};
  for (const char c : node.text + " ") {
    if (c != ' ' && c != ',' && c != '\t' && c != '\n') {
      word.text += c;
    } else if (!word.text.empty()) {
      result.push_back(word);
      word.text.clear();
    }
  }
  return result;
}

void Reading::check_keys(const Node& map, const std::vector<std::string>& known) {
  for (std::size_t i = 0; i < map.keys.size(); ++i) {
    if (std::find(known.begin(), known.end(), map.keys[i]) != known.end()) continue;
    const std::string near = nearest(map.keys[i], known);
    if (!near.empty())
      mistake(map.key_places[i], fmt::format("unknown key '{}'", map.keys[i]),
              fmt::format("did you mean '{}'?", near));
  }
}

}  // namespace tileloom::io::timeloop
