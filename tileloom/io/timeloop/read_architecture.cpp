#include "tileloom/io/timeloop/read_architecture.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <set>

#include "tileloom/io/timeloop/storage.hpp"
#include "tileloom/support/checked.hpp"

namespace tileloom::io::timeloop {
namespace {

using cost::timeloop::Mesh;

/// "PE[0..15]" is 16 instances of "PE".
struct NameRange {
  std::string name;
  std::int64_t count = 1;
};

NameRange split_name(const Node& node, Reading& reading) {
  const std::string text = reading.text(node);
  const std::size_t open = text.find('[');
  if (open == std::string::npos) return {text, 1};
  std::int64_t first = 0;
  std::int64_t last = 0;
  const std::size_t dots = text.find("..", open);
  const char* end = text.data() + text.size();
  bool read = dots != std::string::npos && text.back() == ']';
  if (read) {
    const auto a = std::from_chars(text.data() + open + 1, text.data() + dots, first);
    const auto b = std::from_chars(text.data() + dots + 2, end - 1, last);
    read = a.ec == std::errc() && a.ptr == text.data() + dots && b.ec == std::errc() &&
           b.ptr == end - 1 && first >= 0 && last >= first;
  }
  if (!read) {
    reading.mistake(node.where, fmt::format("'{}' is not a name with a range", text),
                    "write it as PE[0..15] for 16 instances");
    return {text.substr(0, open), 1};
  }
  return {text.substr(0, open), last - first + 1};
}

/// Collects components from the outside in.
class Collector {
 public:
  explicit Collector(Reading& reading) : reading_(reading) {}

  /// Version 0.4: a list of nodes, each inside all before it.
  void nodes(const Node& list) {
    for (const Node& node : list.items) {
      if (node.kind != Node::Kind::map) {
        reading_.mistake(node.where, "expected a node with a name", "such as '- !Component'");
        continue;
      }
      if (node.tag == "!Parallel" || node.tag == "!Hierarchical" || node.tag == "!Pipelined") {
        if (const Node* inner = reading_.need(node, "nodes", node.tag)) nodes(*inner);
      } else if (node.tag == "!Container") {
        enter(node, name_of(node));
      } else if (node.tag == "!Component" || node.tag.empty()) {
        component_node(node);
      } else if (node.tag != "!Nothing") {
        reading_.mistake(node.where, fmt::format("unknown kind of node '{}'", node.tag),
                         "known: !Component, !Container, !Parallel, !Hierarchical");
      }
    }
  }

  /// Older versions: nested subtrees with their local components. `count` instances so far.
  void subtree(const Node& list, std::int64_t count, int depth) {
    if (list.items.size() > 1)
      reading_.mistake(list.items[1].where, "a second subtree beside the first",
                       "the profile knows one chain of levels");
    for (const Node& node : list.items) {
      const Node* name = reading_.need(node, "name", "the subtree");
      if (name == nullptr) continue;
      const std::int64_t here = checked_mul(count, split_name(*name, reading_).count);
      if (const Node* local = find(node, "local"))
        for (const Node& item : local->items) local_component(item, here);
      if (const Node* inner = find(node, "subtree")) subtree(*inner, here, depth + 1);
    }
  }

  ArchitectureFile finish(const Node& architecture) {
    std::reverse(file_.arch.levels.begin(), file_.arch.levels.end());
    for (Container& container : file_.containers)
      container.levels_inside = file_.arch.levels.size() - container.levels_inside;
    if (!arithmetic_)
      reading_.mistake(architecture.where, "the architecture has no MACs",
                       "add a component whose class computes, such as 'intmac'");
    else
      file_.arch.arithmetic = *arithmetic_;
    if (file_.arch.levels.empty())
      reading_.mistake(architecture.where, "the architecture has no storage level", "add one");
    return std::move(file_);
  }

 private:
  std::string name_of(const Node& node) {
    const Node* name = reading_.need(node, "name", "the node");
    if (name == nullptr) return {};
    const std::string text = split_name(*name, reading_).name;
    if (!names_.insert(text).second)
      reading_.mistake(name->where, fmt::format("'{}' is the name of two nodes", text),
                       "rename one");
    return text;
  }

  /// Multiplies the instances of everything that follows by the node's own `spatial`.
  void enter(const Node& node, const std::string& name) {
    const Node* spatial = find(node, "spatial");
    if (spatial == nullptr) return;
    reading_.check_keys(*spatial, {"meshX", "meshY", "meshZ"});
    Mesh own;
    if (const Node* x = find(*spatial, "meshX")) own.x = reading_.positive_integer(*x, "meshX");
    if (const Node* y = find(*spatial, "meshY")) own.y = reading_.positive_integer(*y, "meshY");
    if (own == Mesh{}) return;
    Container container;
    container.name = name;
    container.outside = here_;
    here_ = {checked_mul(here_.x, own.x), checked_mul(here_.y, own.y)};
    container.mesh = here_;
    container.levels_inside = file_.arch.levels.size();  // levels outside, until finish()
    file_.containers.push_back(std::move(container));
  }

  void component_node(const Node& node) {
    reading_.check_keys(node, {"name", "class", "subclass", "attributes", "spatial", "constraints",
                               "required_actions", "enabled", "area_scale", "energy_scale",
                               "sparse_optimizations"});
    const std::string name = name_of(node);
    enter(node, name);
    add(node, name, here_);
  }

  void local_component(const Node& node, std::int64_t count) {
    const Node* name = reading_.need(node, "name", "the component");
    if (name == nullptr) return;
    const NameRange range = split_name(*name, reading_);
    if (!names_.insert(range.name).second)
      reading_.mistake(name->where, fmt::format("'{}' is the name of two components", range.name),
                       "rename one");
    add(node, range.name, {checked_mul(count, range.count), 1});
  }

  void add(const Node& node, const std::string& name, const Mesh& mesh) {
    const Node* kind = reading_.need(node, "class", "'" + name + "'");
    if (kind == nullptr) return;
    const std::string component_class = reading_.text(*kind);
    const Node* attributes = find(node, "attributes");
    const Mesh stated = read_mesh(attributes, mesh, reading_);
    if (computes(component_class)) {
      if (arithmetic_)
        reading_.mistake(node.where, fmt::format("'{}' is a second kind of MACs", name),
                         "keep one component that computes");
      arithmetic_ = read_arithmetic(attributes, reading_);
      arithmetic_->mesh = stated;
      return;
    }
    cost::timeloop::Level level = read_storage(name, component_class, attributes, reading_);
    level.mesh = stated;
    read_constraints(node, level);
    if (component_class == "dummy_storage") level.vector_access_pj = 0;
    file_.arch.levels.push_back(std::move(level));
  }

  /// `keep` decides what a level may hold; all other constraints steer Timeloop's mapper.
  void read_constraints(const Node& node, cost::timeloop::Level& level) {
    const Node* constraints = find(node, "constraints");
    if (constraints == nullptr) return;
    const Node* space = find(*constraints, "dataspace");
    const Node* keep = space == nullptr ? nullptr : find(*space, "keep");
    if (keep != nullptr) {
      level.allowed.emplace();
      for (const Reading::Word& word : reading_.words(*keep, "keep"))
        level.allowed->push_back(word.text);
    }
    if (find(*constraints, "temporal") != nullptr || find(*constraints, "spatial") != nullptr)
      file_.notes.push_back(fmt::format(
          "{}: constraints on loops steer Timeloop's mapper and were not read", level.name));
  }

  Reading& reading_;
  ArchitectureFile file_;
  std::optional<cost::timeloop::Arithmetic> arithmetic_;
  std::set<std::string> names_;
  Mesh here_;
};

/// Meshes must nest, from the outside in.
void check_meshes(const ArchitectureFile& file, const Node& node, Reading& reading) {
  const auto& levels = file.arch.levels;
  for (std::size_t s = 0; s < levels.size(); ++s) {
    const Mesh& inner = s == 0 ? file.arch.arithmetic.mesh : levels[s - 1].mesh;
    const Mesh& outer = levels[s].mesh;
    if (inner.x % outer.x == 0 && inner.y % outer.y == 0) continue;
    reading.mistake(node.where,
                    fmt::format("the {} x {} instances of {} cannot be shared out evenly over the "
                                "{} x {} instances of {}",
                                inner.x, inner.y, s == 0 ? "the MACs" : levels[s - 1].name, outer.x,
                                outer.y, levels[s].name),
                    "make each mesh a multiple of the next outer one");
  }
}

}  // namespace

ArchitectureFile read_architecture(const Node& node, Reading& reading) {
  Collector collector(reading);
  reading.check_keys(node, {"version", "nodes", "subtree"});
  if (const Node* nodes = find(node, "nodes")) {
    collector.nodes(*nodes);
  } else if (const Node* subtree = find(node, "subtree")) {
    collector.subtree(*subtree, 1, 0);
  } else {
    reading.mistake(node.where, "the architecture has neither 'nodes' nor 'subtree'",
                    "version 0.4 has a list 'nodes:'");
    return {};
  }
  ArchitectureFile file = collector.finish(node);
  check_meshes(file, node, reading);
  return file;
}

std::string container_level(const std::string& container) {
  return "inter_" + container + "_spatial";
}

cost::timeloop::Arch with_container_levels(const ArchitectureFile& file,
                                           const std::vector<std::string>& names) {
  cost::timeloop::Arch arch = file.arch;
  // Containers stand outermost first, so each insertion leaves the places of later (inner) ones
  // valid, and containers at one place end up in their order.
  for (const Container& container : file.containers) {
    if (std::find(names.begin(), names.end(), container.name) == names.end()) continue;
    cost::timeloop::Level level;
    level.name = container_level(container.name);
    level.mesh = container.outside;
    level.allowed.emplace();  // nothing
    arch.levels.insert(arch.levels.begin() + static_cast<std::ptrdiff_t>(container.levels_inside),
                       level);
  }
  return arch;
}

}  // namespace tileloom::io::timeloop
