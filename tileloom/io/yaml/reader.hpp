#pragma once
// Typed access to YAML nodes that records every mistake with its place and remedy, and goes on.

#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "tileloom/io/yaml/document.hpp"

namespace tileloom::yaml {

inline constexpr std::size_t kMostMistakes = 1000;

/// What all fields of one file share: its name and the mistakes found so far.
class Reader {
 public:
  explicit Reader(std::string file) : file_(std::move(file)) {}

  const std::string& file() const { return file_; }
  Where where(Place place) const { return {file_, place.line, place.column}; }
  void report(Place place, std::string what, std::string hint);
  bool clean() const { return diagnostics_.empty(); }
  std::size_t mistakes() const { return diagnostics_.size(); }
  Diagnostics& diagnostics() { return diagnostics_; }
  /// All mistakes in the order of the file; of a file that is wrong throughout, the first
  /// kMostMistakes and how many more there are.
  Diagnostics take();

 private:
  std::string file_;
  Diagnostics diagnostics_;
};

/// The keys of one map. Every key that is asked for becomes a known key; `finish` reports the
/// others with the nearest known one.
///
///     Fields fields(reader, node, "the memory");
///     const Node* size = fields.required("size", "such as 'size: 64 KiB'");
///     const Node* block = fields.optional("block");
///     fields.finish();
class Fields {
 public:
  /// `what` names the map in messages. A node that is no map is reported, and has no keys.
  Fields(Reader& reader, const Node& node, std::string what);

  /// The value of `key`, or null if it is absent. A key without a value is reported.
  const Node* optional(const std::string& key);
  /// The same, and a missing key is reported with `example` as the remedy.
  const Node* required(const std::string& key, const std::string& example);
  bool has(const std::string& key) const;
  void finish();

  const Node& node() const { return node_; }

 private:
  Reader& reader_;
  const Node& node_;
  std::string what_;
  std::vector<std::string> known_;
};

/// "a map", "a list", "'abc'": what the user wrote instead.
std::string description(const Node& node);

struct Range {
  std::int64_t least = 1;
  std::int64_t most = std::numeric_limits<std::int64_t>::max();
};

/// Each of these reports a value of another type or out of range under the name `name` and then
/// returns nothing.
std::optional<std::string> read_text(Reader& reader, const Node& node, const std::string& name);
std::optional<std::int64_t> read_integer(Reader& reader, const Node& node, const std::string& name,
                                         Range range = {});
std::optional<double> read_number(Reader& reader, const Node& node, const std::string& name,
                                  bool zero_allowed = false);
std::optional<bool> read_boolean(Reader& reader, const Node& node, const std::string& name);
/// The index of the choice that the node names.
std::optional<std::size_t> read_choice(Reader& reader, const Node& node, const std::string& name,
                                       std::span<const std::string> choices);
/// The items of a list; a scalar counts as a list of one. Reports a map.
std::vector<const Node*> read_list(Reader& reader, const Node& node, const std::string& name);

}  // namespace tileloom::yaml
