#pragma once
#include <optional>
#include <string>
#include <vector>

#include "tileloom/arch/architecture.hpp"

namespace tileloom {

/// One thing that keeps an architecture from being usable, and the part it concerns, so that a
/// reader can point at the part's place in a file.
struct Flaw {
  std::string what;
  std::string hint;
  std::optional<MemoryId> memory;
  std::optional<AxisId> axis;
  bool operator==(const Flaw&) const = default;
};

std::vector<Flaw> flaws(const Architecture& arch);

}  // namespace tileloom
