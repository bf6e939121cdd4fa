#include "tileloom/embedder/ranking.hpp"

#include <algorithm>
#include <array>

namespace tileloom::embedder {
namespace {

/// What is compared, the first criterion first.
std::array<std::int64_t, kRankings + 1> key(const Measures& measures, Ranking ranking) {
  const std::array<std::int64_t, kRankings> all = {measures.cycles, measures.steps,
                                                   total_bytes(measures), measures.packing};
  return {all.at(static_cast<std::size_t>(ranking)), all[0], all[1], all[2], all[3]};
}

bool beats_or_equals(const Measures& a, const Measures& b) {
  return a.steps <= b.steps && total_bytes(a) <= total_bytes(b) && a.packing <= b.packing;
}

}  // namespace

std::string to_string(Ranking ranking) {
  switch (ranking) {
    case Ranking::cycles:
      return "cycles";
    case Ranking::steps:
      return "steps";
    case Ranking::bytes:
      return "bytes";
    case Ranking::packing:
      return "packing";
  }
  return {};
}

std::vector<Ranked> rank(const Operator& op, const Instruction& instruction,
                         std::span<const Embedding> embeddings, Ranking ranking) {
  std::vector<Ranked> ranked;
  for (const Embedding& embedding : embeddings) {
    ranked.push_back({embedding, measure(op, instruction, embedding)});
  }
  std::ranges::stable_sort(ranked, [&](const Ranked& a, const Ranked& b) {
    const auto left = key(a.measures, ranking);
    const auto right = key(b.measures, ranking);
    return left != right ? left < right : a.embedding < b.embedding;
  });
  return ranked;
}

std::vector<Ranked> pareto(std::span<const Ranked> ranked) {
  std::vector<Ranked> front;
  for (const Ranked& candidate : ranked) {
    const auto beaten = [&](const Ranked& other) {
      return beats_or_equals(other.measures, candidate.measures);
    };
    if (std::ranges::any_of(front, beaten)) continue;
    std::erase_if(front, [&](const Ranked& other) {
      return beats_or_equals(candidate.measures, other.measures);
    });
    front.push_back(candidate);
  }
  return front;
}

}  // namespace tileloom::embedder
