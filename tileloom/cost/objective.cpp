#include "tileloom/cost/objective.hpp"

#include <fmt/format.h>

#include <array>

#include "tileloom/support/nearest.hpp"

namespace tileloom::cost {
namespace {

const char* const kPareto = "pareto";
const std::array<std::string, 3> kMetrics{"latency", "energy", "edp"};

Result<Metric> parse_metric(std::string_view text) {
  for (std::size_t i = 0; i < kMetrics.size(); ++i) {
    if (kMetrics[i] == text) return static_cast<Metric>(i);
  }
  return mistake({}, fmt::format("unknown objective '{}'", text), suggestion(text, kMetrics));
}

double value(Metric metric, Cycles latency, Picojoules energy) {
  switch (metric) {
    case Metric::latency:
      return static_cast<double>(latency.value);
    case Metric::energy:
      return energy.value;
    case Metric::edp:
      return energy.value * static_cast<double>(latency.value);
  }
  return 0;
}

}  // namespace

std::string to_string(Metric metric) { return kMetrics[static_cast<std::size_t>(metric)]; }

std::string to_string(const Objective& objective) {
  if (objective.front) return kPareto;
  std::string text = to_string(objective.first);
  // gcc 12 warns of an overflow in `"," + ...` that does not exist.
  if (objective.second) text.append(",").append(to_string(*objective.second));
  return text;
}

Result<Objective> parse_objective(std::string_view text) {
  if (text == kPareto) return Objective{Metric::edp, std::nullopt, true};
  const std::size_t comma = text.find(',');
  const Result<Metric> first = parse_metric(text.substr(0, comma));
  if (!first) return tl::unexpected(first.error());
  if (comma == std::string_view::npos) return Objective{.first = *first};
  const Result<Metric> second = parse_metric(text.substr(comma + 1));
  if (!second) return tl::unexpected(second.error());
  if (*second == *first) {
    return mistake({}, fmt::format("objective '{}' names {} twice", text, to_string(*first)),
                   "behind the comma stands what decides among equals: another metric, or nothing");
  }
  return Objective{.first = *first, .second = *second};
}

Score score(const Objective& objective, Cycles latency, Picojoules energy) {
  return {value(objective.first, latency, energy),
          objective.second ? value(*objective.second, latency, energy) : 0.0};
}

}  // namespace tileloom::cost
