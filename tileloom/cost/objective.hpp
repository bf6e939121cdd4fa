#pragma once
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "tileloom/support/diagnostic.hpp"
#include "tileloom/support/quantity.hpp"

namespace tileloom::cost {

enum class Metric : std::uint8_t { latency, energy, edp };
std::string to_string(Metric metric);

/// What a search minimises: one metric, or two in lexicographic order ("latency,energy"). With
/// `front` all best compromises of energy and latency are wanted; their score is `first`, EDP.
struct Objective {
  Metric first = Metric::edp;
  std::optional<Metric> second;
  bool front = false;
  bool operator==(const Objective&) const = default;
};

std::string to_string(const Objective& objective);
/// "latency", "energy", "edp", two different ones with a comma, or "pareto".
Result<Objective> parse_objective(std::string_view text);

/// Value of an objective, compared lexicographically: cycles, pJ or pJ·cycles.
struct Score {
  double first = 0;
  double second = 0;
  auto operator<=>(const Score&) const = default;
};

Score score(const Objective& objective, Cycles latency, Picojoules energy);

}  // namespace tileloom::cost
