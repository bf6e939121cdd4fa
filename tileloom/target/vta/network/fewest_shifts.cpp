#include "tileloom/target/vta/network/fewest_shifts.hpp"

#include <algorithm>
#include <cstdlib>
#include <limits>
#include <optional>

#include "tileloom/support/checked.hpp"
#include "tileloom/target/vta/codegen/layer_steps.hpp"

namespace tileloom::target::vta {
namespace {

constexpr std::int64_t kMostRescaleShift = 31;

/// The rescaling with t more bits before the other tensor is added; nothing if it is none.
std::optional<Rescale> moved(Rescale rescale, std::int64_t t) {
  const std::int64_t unit = std::int64_t{1} << std::abs(t);
  if (t > 0 && rescale.factor % unit != 0) return std::nullopt;
  rescale.factor = t > 0 ? rescale.factor / unit : rescale.factor * unit;
  rescale.pre_shift += t;
  rescale.shift -= t;
  const auto is_shift = [](std::int64_t shift) { return shift >= 0 && shift <= kMostRescaleShift; };
  if (!is_shift(rescale.pre_shift) || !is_shift(rescale.shift)) return std::nullopt;
  if (rescale.factor < -128 || rescale.factor > 127) return std::nullopt;
  return rescale;
}

}  // namespace

std::int64_t largest_sum(const IntegerLayer& layer) {
  if (layer.bias.empty()) return 0;
  const std::size_t terms = layer.weights.size() / layer.bias.size();
  std::int64_t largest = 0;
  for (std::size_t k = 0; k < layer.bias.size(); ++k) {
    std::int64_t sum = std::abs(std::int64_t{layer.bias[k]});
    for (std::size_t i = k * terms; i < (k + 1) * terms; ++i) {
      sum += 128 * std::abs(std::int64_t{layer.weights[i]});
    }
    largest = std::max(largest, sum);
  }
  return largest;
}

Rescale with_fewest_shifts(const Rescale& rescale, std::int64_t largest) {
  // |factor · other| is at most 2^14; a sum that is shifted first has room for it.
  constexpr std::int64_t kMostOther = 128 * 128;
  if (!moved(rescale, 0)) return rescale;
  const bool may_wrap = largest + kMostOther > std::numeric_limits<std::int32_t>::max();
  if (may_wrap && rescale.pre_shift == 0) return rescale;
  const auto instructions = [](const Rescale& r) {
    return shift_instructions(r.pre_shift) + shift_instructions(r.shift);
  };
  Rescale best = rescale;
  for (std::int64_t t = 1; t <= kMostRescaleShift; ++t) {
    for (const std::int64_t by : {t, -t}) {
      const std::optional<Rescale> other = moved(rescale, by);
      if (!other || (may_wrap && other->pre_shift == 0)) continue;
      if (instructions(*other) < instructions(best)) best = *other;
    }
  }
  return best;
}

}  // namespace tileloom::target::vta
