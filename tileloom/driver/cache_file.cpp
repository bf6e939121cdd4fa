#include "tileloom/driver/cache_file.hpp"

#include <fmt/format.h>

#include <cstdint>

namespace tileloom::driver {
namespace {

std::uint64_t fnv1a(const std::string& text, std::uint64_t basis) {
  std::uint64_t hash = basis;
  for (const char c : text) {
    hash ^= static_cast<unsigned char>(c);
    hash *= 0x100000001b3ULL;
  }
  return hash;
}

}  // namespace

std::string cache_file(const std::string& folder, const std::string& name, const std::string& key) {
  return fmt::format("{}/{}{:016x}{:016x}.json", folder, name, fnv1a(key, 0xcbf29ce484222325ULL),
                     fnv1a(key, 0x84222325cbf29ce4ULL));
}

}  // namespace tileloom::driver
