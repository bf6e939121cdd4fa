#include "tileloom/io/yaml/document.hpp"

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <sstream>
#include <utility>

namespace tileloom::yaml {
namespace {

/// Stops the parser: the mistake is already recorded.
struct Stop {};

/// Builds the value from the parser's events.
class Builder final : public YAML::EventHandler {
 public:
  Builder(const std::string& file, Diagnostics& diagnostics)
      : file_(file), diagnostics_(diagnostics) {}

  std::optional<Node> root;
  /// Where the last quoted scalar starts.
  std::optional<YAML::Mark> last_quoted;

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t) override {
    Node node;
    node.place = place(mark);
    add(std::move(node));
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
    report(mark, "an alias (*name) is not read", "write the value out in full");
    OnNull(mark, 0);
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t,
                const std::string& value) override {
    Node node;
    node.place = place(mark);
    const bool plain = tag == "?" || tag.empty();
    if (!plain) last_quoted = mark;
    const bool null = plain && (value.empty() || value == "~" || value == "null");
    node.kind = null ? Node::Kind::null : Node::Kind::scalar;
    node.text = value;
    add(std::move(node));
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t,
                       YAML::EmitterStyle::value) override {
    open(mark, Node::Kind::list);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t,
                  YAML::EmitterStyle::value) override {
    open(mark, Node::Kind::map);
  }
  void OnMapEnd() override { close(); }

 private:
  static Place place(const YAML::Mark& mark) {
    return {std::max(mark.line, 0) + 1, std::max(mark.column, 0) + 1};
  }
  void report(const YAML::Mark& mark, std::string what, std::string hint) {
    const Place at = place(mark);
    diagnostics_.push_back({{file_, at.line, at.column}, std::move(what), std::move(hint)});
  }
  void open(const YAML::Mark& mark, Node::Kind kind) {
    if (open_.size() == kMaxDepth) {
      report(mark, fmt::format("nested deeper than {} levels", kMaxDepth), "flatten the file");
      throw Stop{};
    }
    Node node;
    node.kind = kind;
    node.place = place(mark);
    open_.push_back(std::move(node));
  }
  void close() {
    Node node = std::move(open_.back());
    open_.pop_back();
    drop_duplicates(node);
    add(std::move(node));
  }
  /// A map receives keys and values in turn; `keys` is ahead of `items` after a key.
  void add(Node node) {
    if (open_.empty()) {
      root = std::move(node);
      return;
    }
    Node& parent = open_.back();
    if (parent.kind == Node::Kind::map && parent.keys.size() == parent.items.size()) {
      if (node.kind == Node::Kind::list || node.kind == Node::Kind::map) {
        diagnostics_.push_back({{file_, node.place.line, node.place.column},
                                "a key is a list or a map",
                                "a key is one word, followed by ':' and its value"});
        node.text = "?";
      }
      parent.keys.push_back({std::move(node.text), node.place});
    } else {
      parent.items.push_back(std::move(node));
    }
  }
  void drop_duplicates(Node& map) {
    std::vector<std::pair<std::string, std::size_t>> order;
    for (std::size_t i = 0; i < map.keys.size(); ++i) order.emplace_back(map.keys[i].name, i);
    std::ranges::sort(order);
    std::vector<bool> duplicate(map.keys.size());
    for (std::size_t i = 1; i < order.size(); ++i) {
      if (order[i].first != order[i - 1].first) continue;
      duplicate[order[i].second] = true;
      const Key& again = map.keys[order[i].second];
      const Key& before = map.keys[order[i - 1].second];
      diagnostics_.push_back(
          {{file_, again.place.line, again.place.column},
           fmt::format("duplicate key {}", quoted(again.name)),
           fmt::format("it is already on line {}: remove one", before.place.line)});
    }
    if (std::ranges::find(duplicate, true) == duplicate.end()) return;
    Node kept;
    for (std::size_t i = 0; i < map.keys.size(); ++i) {
      if (duplicate[i]) continue;
      kept.keys.push_back(std::move(map.keys[i]));
      kept.items.push_back(std::move(map.items[i]));
    }
    map.keys = std::move(kept.keys);
    map.items = std::move(kept.items);
  }

  const std::string& file_;
  Diagnostics& diagnostics_;
  std::vector<Node> open_;
};

/// Lines whose indentation holds a tab, which YAML forbids: the usual cause of a syntax error.
bool report_tabs(const std::string& text, const std::string& file, Diagnostics& diagnostics) {
  bool found = false;
  int line = 0;
  std::istringstream lines(text);
  for (std::string content; std::getline(lines, content);) {
    ++line;
    const std::size_t end = content.find_first_not_of(" \t");
    const std::size_t tab = content.find('\t');
    if (end == std::string::npos || tab == std::string::npos || tab > end) continue;
    diagnostics.push_back({{file, line, static_cast<int>(tab) + 1},
                           "a tab in the indentation",
                           "YAML is indented with spaces only"});
    found = true;
  }
  return found;
}

/// True if the quoted scalar at `start` ends before the text does. The parser itself takes a quote
/// that is still open at the end of the text for closed.
bool closes(const std::string& text, std::size_t start) {
  if (start >= text.size() || (text[start] != '"' && text[start] != '\'')) return true;
  const char quote = text[start];
  for (std::size_t i = start + 1; i < text.size(); ++i) {
    if (text[i] == '\\' && quote == '"') {
      ++i;
    } else if (text[i] == quote && quote == '\'' && i + 1 < text.size() && text[i + 1] == quote) {
      ++i;
    } else if (text[i] == quote) {
      return true;
    }
  }
  return false;
}

/// The parser's own message; what it quotes may be unprintable.
std::string printable(const std::string& message) {
  std::string text = message;
  std::ranges::replace_if(
      text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }, '?');
  return text;
}

}  // namespace

std::string quoted(const std::string& text) {
  constexpr std::size_t kShown = 40;
  std::string out = "'";
  for (const char c : text.substr(0, kShown)) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7f) {
      out += fmt::format("\\x{:02x}", byte);
    } else {
      out += c;
    }
  }
  return out + (text.size() > kShown ? "...'" : "'");
}

std::optional<Node> parse_document(const std::string& text, const std::string& file,
                                   const std::string& expected, Diagnostics& diagnostics) {
  if (text.size() > kMaxBytes) {
    diagnostics.push_back(
        {{file},
         fmt::format("the file has {} bytes, more than {}", text.size(), kMaxBytes),
         "expected " + expected});
    return std::nullopt;
  }
  Builder builder(file, diagnostics);
  std::istringstream stream(text);
  try {
    YAML::Parser parser(stream);
    parser.HandleNextDocument(builder);
    if (builder.root && builder.root->kind != Node::Kind::null) {
      Diagnostics ignored;
      Builder second(file, ignored);
      if (parser.HandleNextDocument(second) && second.root &&
          second.root->kind != Node::Kind::null) {
        diagnostics.push_back(
            {{file, second.root->place.line}, "a second document", "keep one document per file"});
      }
    }
  } catch (const Stop&) {
    if (builder.root) {  // it was the second document that is nested too deep
      diagnostics.push_back({{file}, "a second document", "keep one document per file"});
    }
    return std::nullopt;
  } catch (const YAML::Exception& error) {
    if (report_tabs(text, file, diagnostics)) return std::nullopt;
    diagnostics.push_back({{file, error.mark.line + 1, error.mark.column + 1},
                           "not YAML: " + printable(error.msg),
                           "check quotes, brackets, colons and indentation here and above"});
    return std::nullopt;
  } catch (const std::exception& error) {
    diagnostics.push_back(
        {{file}, std::string("not YAML: ") + error.what(), "expected " + expected});
    return std::nullopt;
  }
  if (builder.last_quoted &&
      !closes(text, static_cast<std::size_t>(std::max(builder.last_quoted->pos, 0)))) {
    diagnostics.push_back({{file, builder.last_quoted->line + 1, builder.last_quoted->column + 1},
                           "not YAML: a quote is never closed",
                           "close it, or double a quote that belongs to the text"});
    return std::nullopt;
  }
  if (!builder.root || builder.root->kind == Node::Kind::null) {
    diagnostics.push_back({{file}, "the file is empty", "expected " + expected});
    return std::nullopt;
  }
  return std::move(builder.root);
}

}  // namespace tileloom::yaml
