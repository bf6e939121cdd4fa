#pragma once
// Which embedding is preferable: steps, bytes moved, what the host packs.

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tileloom/embedding/measure.hpp"

namespace tileloom::embedder {

/// What is compared first; ties are broken by the others in this order, then by the embedding.
enum class Ranking : std::uint8_t { cycles, steps, bytes, packing };
inline constexpr std::size_t kRankings = 4;
std::string to_string(Ranking ranking);

struct Ranked {
  Embedding embedding;
  Measures measures;
  bool operator==(const Ranked&) const = default;
};

/// Measured and sorted, the preferable first.
std::vector<Ranked> rank(const Operator& op, const Instruction& instruction,
                         std::span<const Embedding> embeddings, Ranking ranking);

/// Those that no other one beats or equals in steps, bytes and packing at once (of equals the first
/// stays), in the given order.
std::vector<Ranked> pareto(std::span<const Ranked> ranked);

}  // namespace tileloom::embedder
