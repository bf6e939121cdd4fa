#include "tileloom/io/timeloop/document.hpp"

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <set>

namespace tileloom::io::timeloop {
namespace {

constexpr int kMostDepth = 64;

/// Turns the parser's tree into ours.
class Converter {
 public:
  Converter(const std::string& file, Diagnostics& mistakes) : file_(file), mistakes_(mistakes) {}

  Node convert(const YAML::Node& from, int depth) {
    Node node;
    node.where = place(from.Mark());
    if (++count_ > kMostNodes || depth > kMostDepth) {
      if (!too_large_)
        mistakes_.push_back(
            {node.where,
             fmt::format("more than {} nodes, or nested more than {} deep", kMostNodes, kMostDepth),
             "split the file, and do not nest anchors"});
      too_large_ = true;
      return node;
    }
    node.tag = from.Tag() == "?" || from.Tag() == "!" ? "" : from.Tag();
    node.quoted = from.Tag() == "!";
    switch (from.Type()) {
      case YAML::NodeType::Undefined:
      case YAML::NodeType::Null:
        break;
      case YAML::NodeType::Scalar:
        node.kind = Node::Kind::scalar;
        node.text = from.Scalar();
        break;
      case YAML::NodeType::Sequence:
        node.kind = Node::Kind::list;
        for (const YAML::Node& item : from) {
          if (too_large_) break;
          node.items.push_back(convert(item, depth + 1));
        }
        break;
      case YAML::NodeType::Map:
        node.kind = Node::Kind::map;
        convert_map(from, depth, node);
        break;
    }
    return node;
  }

 private:
  Where place(const YAML::Mark& mark) const {
    if (mark.is_null()) return {file_, 0, 0};
    return {file_, mark.line + 1, mark.column + 1};
  }

  void convert_map(const YAML::Node& from, int depth, Node& node) {
    std::vector<Node> merged;
    std::set<std::string> seen;
    for (const auto& entry : from) {
      if (too_large_) return;
      const Where where = place(entry.first.Mark());
      if (!entry.first.IsScalar()) {
        mistakes_.push_back(
            {where, "a key is a list or a map", "a key is one word before a colon"});
        continue;
      }
      std::string key = entry.first.Scalar();
      std::replace(key.begin(), key.end(), '-', '_');
      if (!seen.insert(key).second) {
        mistakes_.push_back({where, fmt::format("'{}' is given twice", key), "remove one"});
        continue;
      }
      Node value = convert(entry.second, depth + 1);
      if (key == "<<") {
        if (value.kind == Node::Kind::list)
          for (Node& item : value.items) merged.push_back(std::move(item));
        else
          merged.push_back(std::move(value));
        continue;
      }
      add(node, key, where, std::move(value));
    }
    for (Node& map : merged)
      for (std::size_t i = 0; i < map.keys.size(); ++i)
        if (std::find(node.keys.begin(), node.keys.end(), map.keys[i]) == node.keys.end())
          add(node, map.keys[i], map.key_places[i], std::move(map.items[i]));
  }

  static void add(Node& node, const std::string& key, const Where& where, Node value) {
    node.keys.push_back(key);
    node.key_places.push_back(where);
    node.items.push_back(std::move(value));
  }

  const std::string& file_;
  Diagnostics& mistakes_;
  std::size_t count_ = 0;
  bool too_large_ = false;
};

}  // namespace

const Node* find(const Node& map, const std::string& key) {
  for (std::size_t i = 0; i < map.keys.size(); ++i)
    if (map.keys[i] == key) return map.items[i].kind == Node::Kind::null ? nullptr : &map.items[i];
  return nullptr;
}

std::optional<Node> parse_document(const std::string& text, const std::string& file,
                                   Diagnostics& mistakes) {
  const auto fail = [&](Where where, std::string what, std::string hint) {
    mistakes.push_back({std::move(where), std::move(what), std::move(hint)});
    return std::nullopt;
  };
  if (text.size() > kMostBytes)
    return fail({file, 0, 0}, fmt::format("the file has more than {} bytes", kMostBytes),
                "split the file");
  if (text.find_first_not_of(" \t\r\n") == std::string::npos)
    return fail({file, 0, 0}, "the file is empty",
                "expected an architecture, a problem or a mapping");
  try {
    const std::size_t before = mistakes.size();
    Node root = Converter(file, mistakes).convert(YAML::Load(text), 0);
    if (mistakes.size() > before) return std::nullopt;
    if (root.kind != Node::Kind::map)
      return fail({file, 1, 1}, "this is not a Timeloop file",
                  "expected 'architecture:', 'problem:' or 'mapping:'");
    return root;
  } catch (const YAML::Exception& error) {
    return fail({file, error.mark.line + 1, error.mark.column + 1}, "not YAML: " + error.msg,
                "check indentation, colons and brackets before this place");
  }
}

}  // namespace tileloom::io::timeloop
