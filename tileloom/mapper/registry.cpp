#include "tileloom/mapper/registry.hpp"

#include <fmt/format.h>

#include "tileloom/mapper/exact/exact.hpp"
#include "tileloom/mapper/random/random.hpp"
#include "tileloom/support/nearest.hpp"

namespace tileloom::mapper {

std::vector<MapperEntry> mappers() {
  return {{"exact", "branch and bound: proves its mapping best, or says how far it may be from it"},
          {"random", "the best of many mappings drawn without bias: the baseline"}};
}

Result<std::unique_ptr<Mapper>> make_mapper(std::string_view name, const MapperOptions& options) {
  if (name == "exact") return std::make_unique<ExactMapper>();
  if (name == "random") {
    return std::make_unique<RandomMapper>(RandomOptions{.imperfect = options.imperfect});
  }
  std::vector<std::string> names;
  for (const MapperEntry& entry : mappers()) names.push_back(entry.name);
  return mistake({}, fmt::format("unknown mapper '{}'", name), suggestion(name, names));
}

std::string identity(std::string_view name, const MapperOptions& options) {
  return fmt::format("{} imperfect={}", name, options.imperfect);
}

}  // namespace tileloom::mapper
