#include "tileloom/io/yaml/reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <system_error>
#include <tuple>

#include "tileloom/support/nearest.hpp"

namespace tileloom::yaml {

void Reader::report(Place place, std::string what, std::string hint) {
  diagnostics_.push_back({where(place), std::move(what), std::move(hint)});
}

Diagnostics Reader::take() {
  std::ranges::stable_sort(diagnostics_, {}, [](const Diagnostic& d) {
    return std::tuple(d.where.line, d.where.column);
  });
  if (diagnostics_.size() > kMostMistakes) {
    const std::size_t more = diagnostics_.size() - kMostMistakes;
    diagnostics_.resize(kMostMistakes);
    diagnostics_.push_back({{file_}, fmt::format("{} more mistakes", more), "mend these first"});
  }
  return std::move(diagnostics_);
}

std::string description(const Node& node) {
  switch (node.kind) {
    case Node::Kind::null:
      return "empty";
    case Node::Kind::scalar:
      return quoted(node.text);
    case Node::Kind::list:
      return "a list";
    case Node::Kind::map:
      return "a map";
  }
  return {};
}

Fields::Fields(Reader& reader, const Node& node, std::string what)
    : reader_(reader), node_(node), what_(std::move(what)) {
  if (node.kind != Node::Kind::map) {
    reader.report(node.place, fmt::format("{} is {}, not a map", what_, description(node)),
                  "write one 'key: value' per line");
  }
}

bool Fields::has(const std::string& key) const {
  return std::ranges::any_of(node_.keys, [&](const Key& k) { return k.name == key; });
}

const Node* Fields::optional(const std::string& key) {
  known_.push_back(key);
  const auto found = std::ranges::find(node_.keys, key, &Key::name);
  if (found == node_.keys.end()) return nullptr;
  const Node& value = node_.items[static_cast<std::size_t>(found - node_.keys.begin())];
  if (value.kind == Node::Kind::null) {
    reader_.report(found->place, fmt::format("'{}' has no value", key),
                   "write one or remove the key");
    return nullptr;
  }
  return &value;
}

const Node* Fields::required(const std::string& key, const std::string& example) {
  const Node* value = optional(key);
  if (value == nullptr && node_.kind == Node::Kind::map && !has(key)) {
    reader_.report(node_.place, fmt::format("{} has no '{}'", what_, key),
                   fmt::format("add '{}'", example));
  }
  return value;
}

void Fields::finish() {
  for (const Key& key : node_.keys) {
    if (std::ranges::find(known_, key.name) != known_.end()) continue;
    reader_.report(key.place, fmt::format("unknown key {} in {}", quoted(key.name), what_),
                   suggestion(key.name, known_));
  }
}

std::optional<std::string> read_text(Reader& reader, const Node& node, const std::string& name) {
  if (node.kind == Node::Kind::scalar && !node.text.empty()) return node.text;
  reader.report(node.place, fmt::format("'{}' is {}, not a text", name, description(node)),
                "write it on the same line after the colon");
  return std::nullopt;
}

namespace {

/// True if `text` is an optional sign and digits only.
bool is_whole(const std::string& text) {
  const std::size_t start = text.find_first_of("+-") == 0 ? 1 : 0;
  return text.size() > start &&
         std::all_of(text.begin() + static_cast<std::ptrdiff_t>(start), text.end(),
                     [](char c) { return c >= '0' && c <= '9'; });
}

std::optional<double> to_number(const std::string& text) {
  double value = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc{} || stop != end || !std::isfinite(value)) return std::nullopt;
  return value;
}

}  // namespace

std::optional<std::int64_t> read_integer(Reader& reader, const Node& node, const std::string& name,
                                         Range range) {
  if (node.kind != Node::Kind::scalar || !is_whole(node.text)) {
    reader.report(node.place,
                  fmt::format("'{}' is {}, not a whole number", name, description(node)),
                  "write digits only, such as 16");
    return std::nullopt;
  }
  const std::string digits = node.text.front() == '+' ? node.text.substr(1) : node.text;
  std::int64_t value = 0;
  const auto [stop, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error == std::errc{} && value < range.least) {
    reader.report(node.place, fmt::format("'{}' is {}", name, value),
                  fmt::format("it must be at least {}", range.least));
    return std::nullopt;
  }
  if (error != std::errc{} || value > range.most) {
    reader.report(node.place, fmt::format("'{}' is {}, too large", name, quoted(node.text)),
                  fmt::format("it must be at most {}", range.most));
    return std::nullopt;
  }
  return value;
}

std::optional<double> read_number(Reader& reader, const Node& node, const std::string& name,
                                  bool zero_allowed) {
  const std::optional<double> value =
      node.kind == Node::Kind::scalar ? to_number(node.text) : std::nullopt;
  if (!value) {
    reader.report(node.place, fmt::format("'{}' is {}, not a number", name, description(node)),
                  "write a number such as 0.5");
    return std::nullopt;
  }
  if (*value < 0 || (*value == 0 && !zero_allowed)) {
    reader.report(node.place, fmt::format("'{}' is {}", name, node.text),
                  zero_allowed ? "it must not be negative" : "it must be greater than 0");
    return std::nullopt;
  }
  return value;
}

std::optional<bool> read_boolean(Reader& reader, const Node& node, const std::string& name) {
  if (node.kind == Node::Kind::scalar && node.text == "true") return true;
  if (node.kind == Node::Kind::scalar && node.text == "false") return false;
  reader.report(node.place, fmt::format("'{}' is {}", name, description(node)),
                "write true or false");
  return std::nullopt;
}

std::optional<std::size_t> read_choice(Reader& reader, const Node& node, const std::string& name,
                                       std::span<const std::string> choices) {
  if (node.kind == Node::Kind::scalar) {
    const auto found = std::ranges::find(choices, node.text);
    if (found != choices.end()) return static_cast<std::size_t>(found - choices.begin());
  }
  reader.report(node.place, fmt::format("unknown {} {}", name, description(node)),
                suggestion(node.text, choices));
  return std::nullopt;
}

std::vector<const Node*> read_list(Reader& reader, const Node& node, const std::string& name) {
  std::vector<const Node*> items;
  if (node.kind == Node::Kind::scalar) {
    items.push_back(&node);
  } else if (node.kind == Node::Kind::list) {
    for (const Node& item : node.items) items.push_back(&item);
  } else {
    reader.report(node.place, fmt::format("'{}' is {}, not a list", name, description(node)),
                  "write it as [a, b, c]");
  }
  return items;
}

}  // namespace tileloom::yaml
