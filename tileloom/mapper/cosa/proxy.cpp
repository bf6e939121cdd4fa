#include "tileloom/mapper/cosa/proxy.hpp"

#include <algorithm>

namespace tileloom::mapper::cosa {
namespace {

double copies_at(const Shape& shape, const Allocation& allocation, std::size_t power,
                 std::size_t place) {
  return static_cast<double>(allocation.copies[power * shape.places.size() + place]);
}

/// True if any factor of the rank is inside the buffer.
bool inside(const Shape& shape, const Allocation& allocation, const Buffer& buffer,
            std::size_t rank) {
  for (std::size_t q = 0; q < shape.powers.size(); ++q) {
    if (shape.powers[q].rank != rank) continue;
    for (std::size_t x = 0; x < shape.places.size(); ++x) {
      if (buffer.holds_place[x] && copies_at(shape, allocation, q, x) > 0) return true;
    }
  }
  return false;
}

/// U's share of one power.
double used_by_power(const Shape& shape, const Equations& equations, const Allocation& allocation,
                     const Buffer& buffer, std::size_t q) {
  const PrimePower& power = shape.powers[q];
  const Kin& kin = shape.kin[buffer.operand][power.rank];
  double used = 0;
  if (kin.kinship == Kinship::plain) {
    const double log = size_log(shape, equations, buffer, power);
    for (std::size_t x = 0; x < shape.places.size(); ++x) {
      if (buffer.holds_place[x]) used += log * copies_at(shape, allocation, q, x);
    }
  } else if (kin.kinship == Kinship::window && buffer.zone == Zone::inside) {
    const double log = positions_inside(shape, allocation, buffer, power.rank) ? 1 : power.log;
    for (std::size_t x = 0; x < shape.places.size(); ++x) {
      if (halo_counts(buffer, shape, x)) used += log * copies_at(shape, allocation, q, x);
    }
  }
  return used;
}

}  // namespace

double place_cost(const Shape& shape, const Equations& equations, std::size_t rank,
                  const Place& place) {
  const auto operands = static_cast<double>(shape.kin.size());
  double traffic = 0;
  if (place.zone == Zone::inside) {
    const double nearness = 0.8 + 0.04 * place.level;
    for (const std::vector<Kin>& kin : shape.kin) {
      if (kin[rank].kinship == Kinship::plain) traffic += 0.99 * nearness;
    }
  } else if (place.spatial) {
    traffic = 0.99 * operands;
  } else if (place.zone == Zone::permuted) {
    traffic = operands;
  } else {
    for (const bool weight : shape.is_weight) traffic += weight ? 1.01 : 1.0;
  }
  return (place.spatial ? 0 : equations.weights.compute) + equations.weights.traffic * traffic;
}

double utilisation_weight(const Equations& equations, const Buffer& buffer) {
  if (buffer.zone != Zone::inside) return 0;
  return equations.weights.utilisation * (buffer.weight_buffer ? 1.01 : 1.0);
}

double size_log(const Shape& shape, const Equations& equations, const Buffer& buffer,
                const PrimePower& power) {
  const Kin& kin = shape.kin[buffer.operand][power.rank];
  return power.log + (equations.stride_per_factor ? kin.stride_log : 0);
}

bool positions_inside(const Shape& shape, const Allocation& allocation, const Buffer& buffer,
                      std::size_t rank) {
  const std::vector<std::size_t>& positions = shape.kin[buffer.operand][rank].positions;
  return std::ranges::any_of(
      positions, [&](std::size_t p) { return inside(shape, allocation, buffer, p); });
}

bool halo_counts(const Buffer& buffer, const Shape& shape, std::size_t place) {
  if (!buffer.window_buffer) return buffer.holds_place[place];
  return shape.places[place].zone != Zone::outside;
}

double used_log(const Shape& shape, const Equations& equations, const Allocation& allocation,
                const Buffer& buffer) {
  double used = 0;
  for (std::size_t q = 0; q < shape.powers.size(); ++q) {
    used += used_by_power(shape, equations, allocation, buffer, q);
  }
  if (equations.stride_per_factor) return used;
  const std::vector<Kin>& kin = shape.kin[buffer.operand];
  for (std::size_t j = 0; j < kin.size(); ++j) {
    if (kin[j].stride_log > 0 && inside(shape, allocation, buffer, j)) used += kin[j].stride_log;
  }
  return used;
}

double unsaved_value(const Shape& shape, const Equations& equations,
                     const Allocation& allocation) {
  double value = 0;
  for (std::size_t q = 0; q < shape.powers.size(); ++q) {
    const PrimePower& power = shape.powers[q];
    for (std::size_t x = 0; x < shape.places.size(); ++x) {
      const double copies = copies_at(shape, allocation, q, x);
      if (copies == 0) continue;
      value += power.log * place_cost(shape, equations, power.rank, shape.places[x]) * copies;
    }
  }
  for (const Buffer& buffer : shape.buffers) {
    const double weight = utilisation_weight(equations, buffer);
    if (weight != 0) value -= weight * used_log(shape, equations, allocation, buffer);
  }
  return value;
}

double saved_value(const Shape& shape, const Equations& equations, const Allocation& allocation,
                   std::size_t order_class) {
  double value = 0;
  for (std::size_t q = 0; q < shape.powers.size(); ++q) {
    const PrimePower& power = shape.powers[q];
    value += power.log * shape.classes[order_class].saved[power.rank] *
             copies_at(shape, allocation, q, shape.permuted);
  }
  return equations.weights.traffic * value;
}

double proxy_value(const Shape& shape, const Equations& equations, const Allocation& allocation) {
  return unsaved_value(shape, equations, allocation) -
         saved_value(shape, equations, allocation, allocation.order_class);
}

}  // namespace tileloom::mapper::cosa
