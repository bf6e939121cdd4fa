#include "tileloom/cli/verbs.hpp"

#include <array>

namespace tileloom::cli {

Run add_validate(CLI::App& app);

std::span<const Verb> verbs() {
  static constexpr std::array<Verb, 1> all{{
      {"validate", add_validate},
  }};
  return all;
}

}  // namespace tileloom::cli
