#pragma once
// What CoSA minimises in place of the cost, evaluated directly at one allocation of the prime
// factors. The programs (published, aggregated) are the same equations for a solver.

#include <vector>

#include "tileloom/mapper/cosa/shape.hpp"

namespace tileloom::mapper::cosa {

/// w_C·Comp + w_T·Traf − w_U·Util
struct Weights {
  double compute = 10;
  double traffic = 1;
  double utilisation = 0.1;
};

/// The equations as the program of the paper has them, or mended.
struct Equations {
  Weights weights;
  /// True: every prime factor of P and Q brings the stride once more, as published.
  bool stride_per_factor = false;
};

/// One allocation: how many copies of each prime stand at each place, and the order of the
/// permuted level.
struct Allocation {
  std::vector<std::int64_t> copies;  ///< [power · places + place]
  std::size_t order_class = 0;
  bool operator==(const Allocation&) const = default;
};

/// Cost of one unit of log2 of a rank at a place, without T's savings and without utilisation:
///     w_C [temporal] + w_T Σ_v { 0.99 (0.8 + 0.04 i) A(j,v) inside (D_v); 0.99 spatial further out
///     (L_v); 1 temporal at the permuted level (T_v); 1 outside, 1.01 for weights (DR_v) }
double place_cost(const Shape& shape, const Equations& equations, std::size_t rank,
                  const Place& place);

/// w_U of a buffer's U(i, v) in the objective: 0 from the permuted level on, 1.01-fold for the
/// weight buffer.
double utilisation_weight(const Equations& equations, const Buffer& buffer);

/// Coefficient of one copy of a power in U(i, v) wherever Z lets it count: log2(p · stride).
double size_log(const Shape& shape, const Equations& equations, const Buffer& buffer,
                const PrimePower& power);

/// (C2) with (C5): log2 of the tile of the buffer's operand as the proxy sees it,
///     U(i,v) = Σ_{x inside} Σ copies · log2(p · stride) · A(j,v)  +  halo
///     halo = Σ_{R copies below DRAM} (log2 p if no factor of P is inside, else 1)
double used_log(const Shape& shape, const Equations& equations, const Allocation& allocation,
                const Buffer& buffer);

/// Whether the ranks that slide over `window`'s positions have a factor inside the buffer (zz).
bool positions_inside(const Shape& shape, const Allocation& allocation, const Buffer& buffer,
                      std::size_t rank);

/// Whether (C5) counts a power's copies at a place: anywhere below DRAM for the outermost buffer of
/// the operand inside the permuted level (as published), inside the memory for those further in.
bool halo_counts(const Buffer& buffer, const Shape& shape, std::size_t place);

/// The objective but for what the order of the permuted level saves (T), and that: w_T Σ log2 p ·
/// saved[j] over the copies there.
double unsaved_value(const Shape& shape, const Equations& equations, const Allocation& allocation);
double saved_value(const Shape& shape, const Equations& equations, const Allocation& allocation,
                   std::size_t order_class);

/// The objective.
double proxy_value(const Shape& shape, const Equations& equations, const Allocation& allocation);

}  // namespace tileloom::mapper::cosa
