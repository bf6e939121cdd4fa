#pragma once
#include <span>
#include <string>
#include <string_view>

namespace tileloom {

/// The candidate with the smallest edit distance to `word`, or empty if none is near (distance more
/// than a third of the word's length, at least 1, at most 3). Ties: the first candidate.
std::string nearest(std::string_view word, std::span<const std::string> candidates);

/// "did you mean 'x'?" for the nearest candidate, else "known: a, b, c", or "there is none".
std::string suggestion(std::string_view word, std::span<const std::string> candidates);

}  // namespace tileloom
