#pragma once
// Units are types: adding cycles to bits does not compile.

#include <compare>
#include <cstdint>

namespace tileloom {

/// A number with a unit. Sums and comparisons stay inside the unit; scaling is by plain numbers.
template <class Unit, class Number>
struct Quantity {
  Number value{};

  constexpr auto operator<=>(const Quantity&) const = default;
  constexpr Quantity& operator+=(Quantity other) {
    value += other.value;
    return *this;
  }
  friend constexpr Quantity operator+(Quantity a, Quantity b) { return {a.value + b.value}; }
  friend constexpr Quantity operator-(Quantity a, Quantity b) { return {a.value - b.value}; }
  friend constexpr Quantity operator*(Number k, Quantity q) { return {k * q.value}; }
};

using Cycles = Quantity<struct CycleUnit, std::int64_t>;
using Picojoules = Quantity<struct PicojouleUnit, double>;
using Bits = Quantity<struct BitUnit, std::int64_t>;

}  // namespace tileloom
