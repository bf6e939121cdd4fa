#include "tileloom/cli/unheeded.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <map>

namespace tileloom::cli {
namespace {

bool given(const CLI::App& verb, const std::string& option) {
  const CLI::Option* known = verb.get_option_no_throw("--" + option);
  return known != nullptr && known->count() > 0;
}

}  // namespace

std::optional<Searcher> searcher(const std::string& mapper) {
  for (mapper::MapperEntry& entry : mapper::mappers()) {
    if (entry.name == mapper) return Searcher{"mapper " + mapper, std::move(entry.options)};
  }
  return std::nullopt;
}

Searcher searcher(const std::vector<std::string>& mappers) {
  Searcher all{fmt::format("the mapper{} {}", mappers.size() == 1 ? "" : "s",
                           fmt::join(mappers, ", ")),
               {}};
  for (const std::string& name : mappers) {
    if (const std::optional<Searcher> one = searcher(name)) {
      all.heeds.insert(all.heeds.end(), one->heeds.begin(), one->heeds.end());
    }
  }
  return all;
}

Diagnostics unheeded_options(const CLI::App& verb, const Searcher& searcher) {
  std::map<std::string, std::vector<std::string>> users;
  for (const mapper::MapperEntry& entry : mapper::mappers()) {
    for (const std::string& option : entry.options) users[option].push_back(entry.name);
  }
  Diagnostics mistakes;
  for (const auto& [option, mappers] : users) {
    if (!given(verb, option) || std::ranges::count(searcher.heeds, option) > 0) continue;
    mistakes.push_back({{},
                        fmt::format("--{} means nothing to {}", option, searcher.name),
                        fmt::format("leave it out: it is for mapper {}",
                                    fmt::join(mappers, " or "))});
  }
  return mistakes;
}

}  // namespace tileloom::cli
