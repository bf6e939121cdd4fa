#include "tileloom/support/data_folders.hpp"

#include <fmt/format.h>

namespace tileloom {

// The only file compiled with these paths: all others are the same in every checkout.
std::vector<std::string> data_folders(std::string_view name) {
  return {fmt::format("{}/{}", TILELOOM_SOURCE_DATA, name),
          fmt::format("{}/{}", TILELOOM_INSTALLED_DATA, name)};
}

}  // namespace tileloom
