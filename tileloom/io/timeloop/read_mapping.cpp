#include "tileloom/io/timeloop/read_mapping.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "tileloom/io/timeloop/read_architecture.hpp"
#include "tileloom/io/timeloop/read_problem.hpp"
#include "tileloom/support/nearest.hpp"

namespace tileloom::io::timeloop {
namespace {

using cost::timeloop::Arch;
using cost::timeloop::DimId;
using cost::timeloop::Factor;
using cost::timeloop::LevelMapping;
using cost::timeloop::Mapping;
using cost::timeloop::Problem;
using cost::timeloop::SpaceId;

/// The level a directive is about: a storage level, or a container with loops of its own.
std::optional<std::size_t> find_level(const Arch& arch, const Node& target, Reading& reading) {
  const std::string name = reading.text(target);
  std::vector<std::string> known;
  for (std::size_t s = 0; s < arch.levels.size(); ++s) {
    if (arch.levels[s].name == name || arch.levels[s].name == container_level(name)) return s;
    known.push_back(arch.levels[s].name);
  }
  reading.mistake(target.where, fmt::format("unknown target '{}'", name), suggestion(name, known));
  return std::nullopt;
}

/// "C=16", "C16": name and number. `joined` continues a token such as "C = 16".
struct Assignment {
  std::string name;
  std::string number;
  Where where;
};

std::vector<Assignment> split_factors(const Node& node, Reading& reading) {
  std::vector<Assignment> result;
  for (const Reading::Word& word : reading.words(node, "factors")) {
    const std::size_t sign = word.text.find('=');
    if (sign != std::string::npos && sign > 0) {
      result.push_back({word.text.substr(0, sign), word.text.substr(sign + 1), word.where});
    } else if (!result.empty() && result.back().number.empty()) {
      result.back().number = word.text.substr(sign == 0 ? 1 : 0);
    } else {
      const std::size_t last = word.text.find_last_not_of("0123456789");
      if (last == std::string::npos) {
        reading.mistake(word.where, fmt::format("factor '{}' names no dimension", word.text),
                        "write it as C=4; imperfect factors (C=4,3) are not supported");
        continue;
      }
      result.push_back({word.text.substr(0, last + 1), word.text.substr(last + 1), word.where});
    }
  }
  return result;
}

std::map<DimId, std::int64_t> read_factors(const Node& node, const Problem& problem,
                                           Reading& reading) {
  std::map<DimId, std::int64_t> factors;
  for (const Assignment& item : split_factors(node, reading)) {
    const auto dim = find_dim(problem, item.name, item.where, reading);
    std::int64_t count = 0;
    const char* end = item.number.data() + item.number.size();
    const auto [stop, error] = std::from_chars(item.number.data(), end, count);
    if (error != std::errc() || stop != end || count < 0) {
      reading.mistake(item.where,
                      fmt::format("the factor of {} is '{}', expected an integer of at least 0",
                                  item.name, item.number),
                      "0 stands for the whole bound");
      continue;
    }
    if (!dim) continue;
    if (!factors.emplace(*dim, count == 0 ? problem.dims[*dim].bound : count).second)
      reading.mistake(item.where, fmt::format("{} has two factors here", item.name), "remove one");
  }
  return factors;
}

/// Words, or a single word of one-letter dims.
std::vector<Reading::Word> permutation_words(const Node& node, const Problem& problem,
                                             Reading& reading) {
  std::vector<Reading::Word> words = reading.words(node, "permutation");
  if (words.size() != 1) return words;
  const Reading::Word only = words[0];
  for (const auto& dim : problem.dims)
    if (dim.name == only.text) return words;
  words.clear();
  for (const char letter : only.text) words.push_back({std::string(1, letter), only.where});
  return words;
}

/// All dims, innermost first.
std::vector<DimId> read_permutation(const Node* node, const Problem& problem, Reading& reading) {
  std::vector<DimId> order;
  if (node != nullptr)
    for (const Reading::Word& word : permutation_words(*node, problem, reading)) {
      const auto dim = find_dim(problem, word.text, word.where, reading);
      if (!dim) continue;
      if (std::find(order.begin(), order.end(), *dim) != order.end())
        reading.mistake(word.where, fmt::format("{} stands twice in the permutation", word.text),
                        "remove one");
      else
        order.push_back(*dim);
    }
  for (const DimId dim : ids<DimId>(problem.dims.size()))
    if (std::find(order.begin(), order.end(), dim) == order.end()) order.push_back(dim);
  return order;
}

/// Loops outer to inner of the dims in `order` (innermost first) that iterate.
std::vector<Factor> loops_of(std::span<const DimId> order,
                             const std::map<DimId, std::int64_t>& factors) {
  std::vector<Factor> loops;
  for (auto dim = order.rbegin(); dim != order.rend(); ++dim) {
    const auto found = factors.find(*dim);
    if (found != factors.end() && found->second > 1) loops.push_back({*dim, found->second});
  }
  return loops;
}

void read_loops(const Node& directive, bool spatial, const Problem& problem, LevelMapping& level,
                Reading& reading) {
  std::map<DimId, std::int64_t> factors;
  if (const Node* node = find(directive, "factors"))
    factors = read_factors(*node, problem, reading);
  const std::vector<DimId> order =
      read_permutation(find(directive, "permutation"), problem, reading);
  if (!spatial) {
    level.temporal = loops_of(order, factors);
    return;
  }
  std::size_t split = order.size();
  if (const Node* node = find(directive, "split"))
    split = node->text == "0"
                ? 0
                : std::min(order.size(),
                           static_cast<std::size_t>(reading.positive_integer(*node, "split")));
  const std::span<const DimId> all(order);
  level.spatial_x = loops_of(all.first(split), factors);
  level.spatial_y = loops_of(all.subspan(split), factors);
}

void read_keep(const Node& directive, const Problem& problem, LevelMapping& level,
               Reading& reading) {
  const Node* keep = find(directive, "keep");
  const Node* bypass = find(directive, "bypass");
  std::set<SpaceId> kept(level.keep.begin(), level.keep.end());
  std::set<SpaceId> named;
  if (keep != nullptr)
    for (const Reading::Word& word : reading.words(*keep, "keep"))
      if (const auto space = find_space(problem, word.text, word.where, reading)) {
        kept.insert(*space);
        named.insert(*space);
      }
  if (bypass != nullptr)
    for (const Reading::Word& word : reading.words(*bypass, "bypass"))
      if (const auto space = find_space(problem, word.text, word.where, reading)) {
        if (named.contains(*space))
          reading.mistake(word.where, fmt::format("{} is both kept and bypassed", word.text),
                          "remove it from one of the lists");
        kept.erase(*space);
      }
  level.keep.assign(kept.begin(), kept.end());
}

/// What a level keeps if no directive says so: what the architecture lets in, else everything.
Mapping initial(const Arch& arch, const Problem& problem) {
  Mapping mapping;
  for (const cost::timeloop::Level& level : arch.levels) {
    LevelMapping entry;
    for (const SpaceId space : ids<SpaceId>(problem.spaces.size())) {
      const std::string& name = problem.spaces[space].name;
      const auto& allowed = level.allowed;
      if (!allowed || std::find(allowed->begin(), allowed->end(), name) != allowed->end())
        entry.keep.push_back(space);
    }
    mapping.levels.push_back(std::move(entry));
  }
  return mapping;
}

}  // namespace

std::vector<std::string> mapping_targets(const Node& node) {
  std::vector<std::string> targets;
  for (const Node& directive : node.items)
    if (const Node* target = find(directive, "target")) targets.push_back(target->text);
  return targets;
}

Mapping read_mapping(const Node& node, const Arch& arch, const Problem& problem, Reading& reading) {
  Mapping mapping = initial(arch, problem);
  if (node.kind != Node::Kind::list) {
    reading.mistake(node.where, "the mapping is not a list",
                    "write it as '- target: LEVEL' with type, factors and permutation");
    return mapping;
  }
  std::set<std::pair<std::size_t, char>> seen;
  for (const Node& directive : node.items) {
    const Node* target = reading.need(directive, "target", "the directive");
    const Node* type = reading.need(directive, "type", "the directive");
    if (target == nullptr || type == nullptr) continue;
    reading.check_keys(
        directive, {"target", "type", "factors", "permutation", "split", "keep", "bypass", "name"});
    const auto s = find_level(arch, *target, reading);
    if (!s) continue;
    const std::string kind = reading.text(*type);
    LevelMapping& level = mapping.levels[*s];
    const bool about_data = kind == "bypass" || kind == "datatype" || kind == "dataspace";
    if (kind == "temporal" || kind == "spatial") {
      read_loops(directive, kind == "spatial", problem, level, reading);
    } else if (about_data) {
      read_keep(directive, problem, level, reading);
    } else {
      reading.mistake(type->where, fmt::format("unknown type of directive '{}'", kind),
                      "known: temporal, spatial, datatype, bypass");
      continue;
    }
    if (!seen.insert({*s, about_data ? 'd' : kind[0]}).second)
      reading.mistake(directive.where,
                      fmt::format("a second {} directive for {}", kind, arch.levels[*s].name),
                      "merge the two");
  }
  return mapping;
}

}  // namespace tileloom::io::timeloop
