#include "tileloom/io/reference/timeloop.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "tileloom/support/nearest.hpp"

namespace tileloom::io::reference {
namespace {

namespace tl_model = cost::timeloop;

constexpr std::array<const char*, 4> kSettings{"default", "nolink", "exact", "exact_nolink"};

tl_model::Mesh read_mesh(Reading& reading, const Node& node) {
  tl_model::Mesh mesh{reading.positive_integer(reading.member(node, "meshX")),
                      reading.positive_integer(reading.member(node, "meshY"))};
  const Node instances = reading.member(node, "instances");
  const std::int64_t count = reading.positive_integer(instances);
  if (static_cast<double>(mesh.x) * static_cast<double>(mesh.y) != static_cast<double>(count))
    reading.mistake(instances,
                    fmt::format("{} instances, but the mesh is {} x {}", count, mesh.x, mesh.y),
                    "instances must be meshX times meshY");
  return mesh;
}

std::optional<double> read_bandwidth(Reading& reading, const Node& level, const char* key) {
  const std::optional<Node> node = reading.optional_member(level, key);
  if (!node) return std::nullopt;
  return reading.positive_number(*node);
}

tl_model::Level read_level(Reading& reading, const Node& node) {
  tl_model::Level level;
  level.name = reading.string(reading.member(node, "name"));
  level.reduces = reading.string(reading.member(node, "cls")) != "DRAM";
  level.mesh = read_mesh(reading, node);
  if (const auto size = reading.optional_member(node, "size_words"))
    level.size_words = reading.positive_integer(*size);
  level.word_bits = reading.positive_integer(reading.member(node, "word_bits"));
  level.block_size = reading.positive_integer(reading.member(node, "block_size"));
  level.cluster_size = reading.positive_integer(reading.member(node, "cluster_size"));
  level.bandwidth = {read_bandwidth(reading, node, "read_bandwidth"),
                     read_bandwidth(reading, node, "write_bandwidth"),
                     read_bandwidth(reading, node, "shared_bandwidth")};
  level.multiple_buffering = reading.positive_number(reading.member(node, "multiple_buffering"));
  level.vector_access_pj =
      reading.non_negative_number(reading.member(node, "energy_per_vector_access_pJ"));
  if (const auto network = reading.optional_member(node, "network_to_child"))
    level.network_to_child = {
        reading.non_negative_number(reading.member(*network, "energy_per_hop_pJ")),
        reading.non_negative_number(reading.member(*network, "router_energy_pJ"))};
  level.allowed.emplace();
  for (const Node& space : reading.items(reading.member(node, "keep")))
    level.allowed->push_back(reading.string(space));
  return level;
}

tl_model::Arch read_arch(Reading& reading, const std::string& name, const Node& node) {
  tl_model::Arch arch;
  arch.name = name;
  const Node arithmetic = reading.member(node, "arithmetic");
  arch.arithmetic.mesh = read_mesh(reading, arithmetic);
  arch.arithmetic.word_bits = reading.positive_integer(reading.member(arithmetic, "word_bits"));
  arch.arithmetic.mac_pj =
      reading.non_negative_number(reading.member(arithmetic, "energy_per_mac_pJ"));
  for (const Node& level : reading.items(reading.member(node, "levels")))
    arch.levels.push_back(read_level(reading, level));
  return arch;
}

/// The id of the item called `name`, or a mistake that suggests a known one.
template <class Id, class Item>
std::optional<Id> find(Reading& reading, const Node& node, const std::string& name,
                       const PerId<Id, Item>& items, const char* kind) {
  std::vector<std::string> known;
  for (const Id id : ids<Id>(items.size())) {
    if (items[id].name == name) return id;
    known.push_back(items[id].name);
  }
  reading.mistake(node, fmt::format("unknown {} '{}'", kind, name), suggestion(name, known));
  return std::nullopt;
}

tl_model::Rank read_rank(Reading& reading, const Node& node, const tl_model::Problem& problem) {
  tl_model::Rank rank;
  for (const Node& term : reading.items(node)) {
    const std::vector<Node> parts = reading.items(term);
    if (parts.size() != 2) {
      reading.mistake(term, "this is no pair", "write [dimension, number]");
      continue;
    }
    const std::string name = reading.string(parts[0]);
    const std::int64_t coefficient = reading.positive_integer(parts[1]);
    if (const auto dim = find(reading, parts[0], name, problem.dims, "dimension"))
      rank.push_back({*dim, coefficient});
  }
  return rank;
}

tl_model::Problem read_problem(Reading& reading, const Node& node) {
  tl_model::Problem problem;
  for (const auto& [name, bound] : reading.members(reading.member(node, "dims")))
    problem.dims.push_back({name, reading.positive_integer(bound)});
  for (const Node& item : reading.items(reading.member(node, "dataspaces"))) {
    tl_model::Dataspace space;
    space.name = reading.string(reading.member(item, "name"));
    space.is_output = reading.boolean(reading.member(item, "rw"));
    for (const Node& rank : reading.items(reading.member(item, "proj")))
      space.ranks.push_back(read_rank(reading, rank, problem));
    problem.spaces.push_back(std::move(space));
  }
  return problem;
}

std::vector<tl_model::Factor> read_factors(Reading& reading, const Node& node,
                                           const tl_model::Problem& problem) {
  std::vector<tl_model::Factor> factors;
  for (const tl_model::Term& term : read_rank(reading, node, problem))
    factors.push_back({term.dim, term.coefficient});
  return factors;
}

tl_model::Mapping read_mapping(Reading& reading, const Node& node, const tl_model::Arch& arch,
                               const tl_model::Problem& problem) {
  tl_model::Mapping mapping;
  const Node levels = reading.member(node, "levels");
  for (const Node& item : reading.items(levels)) {
    const std::size_t s = mapping.levels.size();
    const Node name = reading.member(item, "level");
    if (s < arch.levels.size() && reading.string(name) != arch.levels[s].name)
      reading.mistake(name,
                      fmt::format("level {} is '{}', expected '{}'", s, reading.string(name),
                                  arch.levels[s].name),
                      "levels stand innermost first, as in the architecture");
    tl_model::LevelMapping level;
    level.temporal = read_factors(reading, reading.member(item, "temporal"), problem);
    level.spatial_x = read_factors(reading, reading.member(item, "spatial_x"), problem);
    level.spatial_y = read_factors(reading, reading.member(item, "spatial_y"), problem);
    for (const Node& space : reading.items(reading.member(item, "keep")))
      if (const auto id = find(reading, space, reading.string(space), problem.spaces, "dataspace"))
        level.keep.push_back(*id);
    mapping.levels.push_back(std::move(level));
  }
  return mapping;
}

std::map<std::string, Node> read_expected(Reading& reading, const Node& node) {
  std::map<std::string, Node> expected;
  const Node by_default = reading.member(node, "expected");
  expected["default"] = by_default;
  const std::optional<Node> variants = reading.optional_member(node, "variants");
  if (!variants) return expected;
  const std::vector<std::string> known(kSettings.begin(), kSettings.end());
  for (const auto& [setting, figures] : reading.members(*variants)) {
    if (std::find(known.begin(), known.end(), setting) == known.end())
      reading.mistake(figures, fmt::format("unknown setting '{}'", setting),
                      suggestion(setting, known));
    else if (figures.value->is_string() && *figures.value != "same")
      reading.mistake(figures, "expected figures or the text \"same\"",
                      "\"same\" stands for the figures of \"expected\"");
    else
      expected[setting] = figures.value->is_string() ? by_default : figures;
  }
  return expected;
}

template <class Item>
const Item* lookup(Reading& reading, const Node& node, const std::map<std::string, Item>& items,
                   const char* kind) {
  const std::string name = reading.string(node);
  const auto found = items.find(name);
  if (found != items.end()) return &found->second;
  std::vector<std::string> known;
  for (const auto& [key, item] : items) known.push_back(key);
  if (!node.value->is_null())
    reading.mistake(node, fmt::format("unknown {} '{}'", kind, name), suggestion(name, known));
  return nullptr;
}

}  // namespace

TimeloopReference read_timeloop_reference(Reading& reading) {
  TimeloopReference reference;
  const Node root = reading.root();
  for (const auto& [name, node] : reading.members(reading.member(root, "archs")))
    reference.archs[name] = read_arch(reading, name, node);
  for (const auto& [name, node] : reading.members(reading.member(root, "problems")))
    reference.problems[name] = read_problem(reading, node);
  for (const Node& node : reading.items(reading.member(root, "cases"))) {
    TimeloopCase item;
    item.place = node;
    item.id = reading.string(reading.member(node, "id"));
    const Node arch_name = reading.member(node, "arch");
    const Node problem_name = reading.member(node, "problem");
    const auto* arch = lookup(reading, arch_name, reference.archs, "architecture");
    const auto* problem = lookup(reading, problem_name, reference.problems, "problem");
    if (arch == nullptr || problem == nullptr) continue;
    item.arch = reading.string(arch_name);
    item.problem = reading.string(problem_name);
    item.mapping = read_mapping(reading, reading.member(node, "mapping"), *arch, *problem);
    item.expected = read_expected(reading, node);
    reference.cases.push_back(std::move(item));
  }
  return reference;
}

cost::timeloop::Options options_of(const std::string& setting) {
  return {.link_transfers = setting == "default" || setting == "exact",
          .extrapolate = setting == "default" || setting == "nolink"};
}

}  // namespace tileloom::io::reference
