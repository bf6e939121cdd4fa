#include "tileloom/cost/core_types.hpp"

#include <algorithm>

namespace tileloom::cost {

std::vector<CoreType> core_types(const std::vector<std::size_t>& kind_of, std::int64_t cores,
                                 std::int64_t tiles) {
  std::vector<CoreType> types;
  const auto step = static_cast<std::size_t>(tiles);
  for (std::size_t core = 0; core < static_cast<std::size_t>(cores); ++core) {
    CoreType type{{}, kind_of[core * step], kind_of[core * step + step - 1], 1};
    for (std::size_t t = 0; t < step; ++t) {
      const std::size_t kind = kind_of[core * step + t];
      const auto known = std::ranges::find(type.tiles, kind, &Tiles::kind);
      if (known != type.tiles.end()) {
        ++known->count;
      } else {
        type.tiles.push_back({kind, 1});
      }
    }
    if (std::ranges::find(types, type) == types.end()) types.push_back(std::move(type));
  }
  return types;
}

}  // namespace tileloom::cost
