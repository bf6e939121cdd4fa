#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tileloom/io/yaml/reader.hpp"

namespace tileloom::yaml {

/// "2*p + r - 1": offset −1, terms (p, 2) and (r, 1).
struct Affine {
  std::vector<std::pair<std::string, std::int64_t>> terms;  ///< rank and coefficient
  std::int64_t offset = 0;
  bool operator==(const Affine&) const = default;
};

/// Reads a sum of terms NUMBER, NAME, NUMBER*NAME or NAME*NUMBER joined by + and -. A name may not
/// be subtracted. Mistakes point at the character.
std::optional<Affine> read_affine(Reader& reader, const Node& node);

}  // namespace tileloom::yaml
