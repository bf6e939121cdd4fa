#include "tileloom/io/timeloop/write_mapping.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace tileloom::io::timeloop {
namespace {

using cost::timeloop::DimId;
using cost::timeloop::Factor;
using cost::timeloop::LevelMapping;
using cost::timeloop::Mapping;
using cost::timeloop::Problem;
using cost::timeloop::SpaceId;

/// Innermost first.
std::vector<DimId> inner_first(const std::vector<Factor>& loops) {
  std::vector<DimId> order;
  for (auto loop = loops.rbegin(); loop != loops.rend(); ++loop) order.push_back(loop->dim);
  return order;
}

/// Dims that have no loop here, after those that have.
void complete(std::vector<DimId>& order, const Problem& problem) {
  for (const DimId dim : ids<DimId>(problem.dims.size()))
    if (std::find(order.begin(), order.end(), dim) == order.end()) order.push_back(dim);
}

std::int64_t count_of(const std::vector<Factor>& loops, DimId dim) {
  std::int64_t count = 1;
  for (const Factor& loop : loops)
    if (loop.dim == dim) count *= loop.count;
  return count;
}

std::string factors_text(const Problem& problem, const std::vector<Factor>& loops) {
  std::string text;
  for (const DimId dim : ids<DimId>(problem.dims.size()))
    text += fmt::format("{}{}={}", text.empty() ? "" : " ", problem.dims[dim].name,
                        count_of(loops, dim));
  return text;
}

std::string permutation_text(const Problem& problem, const std::vector<DimId>& order) {
  const bool letters = std::all_of(problem.dims.begin(), problem.dims.end(),
                                   [](const auto& dim) { return dim.name.size() == 1; });
  std::string text;
  for (const DimId dim : order)
    text += (text.empty() || letters ? "" : ", ") + problem.dims[dim].name;
  return letters ? text : "[" + text + "]";
}

/// A name as YAML: plain if it is one word, else in quotes.
std::string plain(const std::string& name) {
  const bool word = !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  });
  if (word) return name;
  std::string text = "'";
  for (const char c : name) text += c == '\'' ? std::string("''") : std::string(1, c);
  return text + "'";
}

/// Loops of one level, spatial or temporal, that repeat a dimension.
bool repeats(const std::vector<Factor>& loops) {
  for (std::size_t i = 0; i < loops.size(); ++i)
    for (std::size_t j = i + 1; j < loops.size(); ++j)
      if (loops[i].dim == loops[j].dim) return true;
  return false;
}

std::string names(const Problem& problem, const Mapping& mapping, std::size_t s, bool kept) {
  std::string text;
  for (const SpaceId space : ids<SpaceId>(problem.spaces.size()))
    if (keeps(mapping, s, space) == kept)
      text += (text.empty() ? "" : ", ") + plain(problem.spaces[space].name);
  return "[" + text + "]";
}

std::string spatial_text(const Problem& problem, const LevelMapping& level) {
  std::vector<DimId> order = inner_first(level.spatial_x);
  const std::size_t split = order.size();
  for (const DimId dim : inner_first(level.spatial_y)) order.push_back(dim);
  complete(order, problem);
  std::vector<Factor> loops = level.spatial_x;
  loops.insert(loops.end(), level.spatial_y.begin(), level.spatial_y.end());
  return fmt::format("    factors: {}\n    permutation: {}\n    split: {}\n",
                     factors_text(problem, loops), permutation_text(problem, order), split);
}

}  // namespace

std::vector<std::string> unwritable(const cost::timeloop::Arch& arch, const Problem& problem,
                                    const Mapping& mapping) {
  std::vector<std::string> reasons;
  for (std::size_t s = 0; s < mapping.levels.size(); ++s) {
    const LevelMapping& level = mapping.levels[s];
    if (repeats(level.temporal) || repeats(level.spatial_x) || repeats(level.spatial_y))
      reasons.push_back(fmt::format(
          "{} has two loops over one dimension, Timeloop's mapping has one factor for each",
          arch.levels[s].name));
    for (const Factor& loop : level.spatial_y)
      if (count_of(level.spatial_x, loop.dim) > 1)
        reasons.push_back(fmt::format(
            "{} unrolls {} along both X and Y, Timeloop's mapping has one factor for each",
            arch.levels[s].name, problem.dims[loop.dim].name));
  }
  for (const auto& dim : problem.dims)
    if (dim.name.find_first_of("0123456789=, ") != std::string::npos)
      reasons.push_back(fmt::format("Timeloop cannot read the dimension name '{}'", dim.name));
  return reasons;
}

std::string write_mapping(const cost::timeloop::Arch& arch, const Problem& problem,
                          const Mapping& mapping) {
  std::string text = "# Permutations stand innermost first; the first `split` places go to X.\n";
  text += "mapping:\n";
  for (std::size_t s = arch.levels.size(); s-- > 0;) {
    const LevelMapping& level = mapping.levels[s];
    const std::string target = fmt::format("  - target: {}\n", plain(arch.levels[s].name));
    text +=
        target + fmt::format("    type: datatype\n    keep: {}\n    bypass: {}\n",
                             names(problem, mapping, s, true), names(problem, mapping, s, false));
    std::vector<DimId> order = inner_first(level.temporal);
    complete(order, problem);
    text += target + fmt::format("    type: temporal\n    factors: {}\n    permutation: {}\n",
                                 factors_text(problem, level.temporal),
                                 permutation_text(problem, order));
    if (!level.spatial_x.empty() || !level.spatial_y.empty())
      text += target + "    type: spatial\n" + spatial_text(problem, level);
  }
  return text;
}

}  // namespace tileloom::io::timeloop
