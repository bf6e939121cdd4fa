#include "tileloom/io/yaml/read_constraints.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

#include "tileloom/io/yaml/reader.hpp"
#include "tileloom/support/file.hpp"
#include "tileloom/support/nearest.hpp"

namespace tileloom {
namespace {

using mapper::Bound;
using mapper::Constraints;
using mapper::Site;
using yaml::Fields;
using yaml::Node;
using yaml::Reader;

/// "16", "4..64", "4..", "..64".
std::optional<Bound> read_bound(Reader& reader, const Node& node, const std::string& name) {
  const std::size_t dots = node.text.find("..");
  Bound bound;
  if (node.kind != Node::Kind::scalar || dots == std::string::npos) {
    const std::optional<std::int64_t> value = read_integer(reader, node, name);
    if (!value) return std::nullopt;
    return Bound{*value, *value};
  }
  Node end = node;
  const auto read_end = [&](std::string text, std::int64_t& value) {
    if (text.empty()) return true;
    end.text = std::move(text);
    const std::optional<std::int64_t> number = read_integer(reader, end, name);
    value = number.value_or(value);
    return number.has_value();
  };
  if (!read_end(node.text.substr(0, dots), bound.least)) return std::nullopt;
  if (!read_end(node.text.substr(dots + 2), bound.most)) return std::nullopt;
  if (bound.least > bound.most) {
    reader.report(node.place,
                  fmt::format("'{}' is {}: no number is in it", name, yaml::quoted(node.text)),
                  "write the smaller number first, such as 4..64");
    return std::nullopt;
  }
  return bound;
}

/// One item of the list: the rules at one memory or axis.
class SiteRules {
 public:
  SiteRules(Reader& reader, const Architecture& arch, const ConstraintNames& names,
            Constraints& constraints)
      : reader_(reader), arch_(arch), names_(names), constraints_(constraints) {}

  void read(const Node& item) {
    Fields fields(reader_, item, "the constraint");
    const Node* at = fields.required("at", "at: NAME of a memory or axis");
    if (at != nullptr) find_site(*at);
    read_bounds(fields, "loops");
    read_bounds(fields, "tile");
    read_only(fields);
    read_forbid(fields);
    read_order(fields);
    read_stores(fields, "keep", true);
    read_stores(fields, "bypass", false);
    fields.finish();
  }

 private:
  void find_site(const Node& node) {
    const std::optional<std::string> name = read_text(reader_, node, "at");
    if (!name) return;
    name_ = *name;
    if (const auto memory = find_memory(arch_, *name)) site_ = *memory;
    if (const auto axis = find_axis(arch_, *name); axis && !site_) site_ = *axis;
    if (site_) return;
    std::vector<std::string> known;
    for (const Memory& memory : arch_.memories) known.push_back(memory.name);
    for (const SpatialAxis& axis : arch_.axes) known.push_back(axis.name);
    reader_.report(node.place, fmt::format("unknown memory or axis {}", yaml::quoted(*name)),
                   suggestion(*name, known));
  }

  /// The memory of this item; a key that makes sense for memories only is reported at an axis.
  std::optional<MemoryId> memory(const Node& node, const char* key) {
    if (!site_) return std::nullopt;
    if (const MemoryId* memory = std::get_if<MemoryId>(&*site_)) return *memory;
    reader_.report(node.place, fmt::format("'{}' stands at the axis '{}'", key, name_),
                   "it is for memories: an axis has loops, only and forbid");
    return std::nullopt;
  }

  bool known_rank(yaml::Place place, const std::string& rank) {
    if (names_.ranks.empty() || std::ranges::find(names_.ranks, rank) != names_.ranks.end()) {
      return true;
    }
    reader_.report(place, fmt::format("unknown rank {}", yaml::quoted(rank)),
                   suggestion(rank, names_.ranks));
    return false;
  }

  std::vector<std::string> read_ranks(const Node& node, const char* key) {
    std::vector<std::string> ranks;
    for (const Node* item : read_list(reader_, node, key)) {
      const std::optional<std::string> rank = read_text(reader_, *item, key);
      if (rank && known_rank(item->place, *rank)) ranks.push_back(*rank);
    }
    return ranks;
  }

  void read_bounds(Fields& fields, const char* key) {
    const Node* node = fields.optional(key);
    if (node == nullptr) return;
    const bool tile = std::string(key) == "tile";
    const std::optional<MemoryId> at = tile ? memory(*node, key) : std::nullopt;
    if (node->kind != Node::Kind::map) {
      reader_.report(node->place,
                     fmt::format("'{}' is {}, not a map", key, yaml::description(*node)),
                     fmt::format("write such as '{}: {{K: 16, C: 4..64}}'", key));
      return;
    }
    for (std::size_t i = 0; i < node->keys.size(); ++i) {
      const std::string& rank = node->keys[i].name;
      const std::optional<Bound> bound = read_bound(reader_, node->items[i], rank);
      if (!known_rank(node->keys[i].place, rank) || !bound || !site_) continue;
      if (!tile) constraints_.loops.push_back({*site_, rank, *bound});
      if (at) constraints_.tiles.push_back({*at, rank, *bound});
    }
  }

  void read_only(Fields& fields) {
    const Node* node = fields.optional("only");
    if (node == nullptr) return;
    std::vector<std::string> ranks = read_ranks(*node, "only");
    if (site_) constraints_.only.push_back({*site_, std::move(ranks)});
  }

  void read_forbid(Fields& fields) {
    const Node* node = fields.optional("forbid");
    if (node == nullptr) return;
    for (const std::string& rank : read_ranks(*node, "forbid")) {
      if (site_) constraints_.loops.push_back({*site_, rank, {1, 1}});
    }
  }

  void read_order(Fields& fields) {
    const Node* node = fields.optional("order");
    if (node == nullptr) return;
    std::vector<std::string> ranks = read_ranks(*node, "order");
    if (std::set<std::string>(ranks.begin(), ranks.end()).size() < ranks.size()) {
      reader_.report(node->place, "'order' names a rank twice", "name each rank once");
    }
    const std::optional<MemoryId> at = memory(*node, "order");
    if (at) constraints_.orders.push_back({*at, std::move(ranks)});
  }

  std::optional<mapper::TensorSelector> read_tensor(const Node& node, const char* key) {
    static const std::array<std::string, kRoles> kRolesByName = {"inputs", "weights", "outputs"};
    const std::optional<std::string> name = read_text(reader_, node, key);
    if (!name) return std::nullopt;
    const auto role = std::ranges::find(kRolesByName, *name);
    if (role != kRolesByName.end()) return static_cast<Role>(role - kRolesByName.begin());
    const bool known = std::ranges::find(names_.tensors, *name) != names_.tensors.end();
    if (known || (names_.tensors.empty() && nearest(*name, kRolesByName).empty())) return *name;
    std::vector<std::string> all(kRolesByName.begin(), kRolesByName.end());
    all.insert(all.end(), names_.tensors.begin(), names_.tensors.end());
    const std::string near = nearest(*name, all);  // a network has too many tensors to list
    reader_.report(node.place, fmt::format("unknown tensor {}", yaml::quoted(*name)),
                   near.empty() ? "write inputs, weights, outputs or the name of a tensor"
                                : fmt::format("did you mean '{}'?", near));
    return std::nullopt;
  }

  void read_stores(Fields& fields, const char* key, bool stored) {
    const Node* node = fields.optional(key);
    if (node == nullptr) return;
    const std::optional<MemoryId> at = memory(*node, key);
    for (const Node* item : read_list(reader_, *node, key)) {
      const std::optional<mapper::TensorSelector> tensor = read_tensor(*item, key);
      if (!tensor || !at) continue;
      const Role* role = std::get_if<Role>(&*tensor);
      if (stored && role != nullptr &&
          !arch_.memories[*at].holds.at(static_cast<std::size_t>(*role))) {
        reader_.report(item->place, fmt::format("'{}' cannot hold {}", name_, item->text),
                       "add it to the 'holds' of the memory or drop the constraint");
        continue;
      }
      if (store_contradicts(*at, *tensor, stored)) {
        reader_.report(item->place,
                       fmt::format("{} is both kept in and barred from '{}'", item->text, name_),
                       "keep one of the two");
        continue;
      }
      constraints_.stores.push_back({*at, *tensor, stored});
    }
  }

  bool store_contradicts(MemoryId at, const mapper::TensorSelector& tensor, bool stored) const {
    return std::ranges::any_of(constraints_.stores, [&](const mapper::StoreRule& rule) {
      return rule.memory == at && rule.tensor == tensor && rule.stored != stored;
    });
  }

  Reader& reader_;
  const Architecture& arch_;
  const ConstraintNames& names_;
  Constraints& constraints_;
  std::optional<Site> site_;
  std::string name_;
};

}  // namespace

ConstraintNames constraint_names(const Workload& workload) {
  std::set<std::string> ranks;
  for (const Operator& op : workload.operators) {
    for (const Rank& rank : op.ranks) ranks.insert(rank.name);
  }
  ConstraintNames names{{ranks.begin(), ranks.end()}, {}};
  for (const Tensor& tensor : workload.tensors) names.tensors.push_back(tensor.name);
  return names;
}

Result<Constraints> parse_constraints(const std::string& text, const std::string& file,
                                      const Architecture& arch, const ConstraintNames& names) {
  Reader reader(file);
  const std::optional<Node> root =
      yaml::parse_document(text, file, "a list 'constraints'", reader.diagnostics());
  if (!root) return tl::unexpected(reader.take());
  Constraints constraints;
  Fields fields(reader, *root, "the file");
  const Node* list = fields.required("constraints", "constraints:' and a list of '- at: NAME");
  if (list != nullptr && list->kind != Node::Kind::list) {
    reader.report(list->place,
                  fmt::format("'constraints' is {}, not a list", yaml::description(*list)),
                  "write one item per line, each starting with '- at: NAME'");
  } else if (list != nullptr) {
    for (const Node& item : list->items) SiteRules(reader, arch, names, constraints).read(item);
  }
  fields.finish();
  if (!reader.clean()) return tl::unexpected(reader.take());
  return constraints;
}

Result<Constraints> read_constraints(const std::string& path, const Architecture& arch,
                                     const ConstraintNames& names) {
  const Result<std::string> text = read_file(path);
  if (!text) return tl::unexpected(text.error());
  return parse_constraints(*text, path, arch, names);
}

}  // namespace tileloom
