#pragma once
// The traffic across one boundary: between memory b − 1 (b = 0: the MAC) and memory b of an
// operand. It depends only on which loops stand below, not on their order, so a search can tabulate
// it.

#include "tileloom/cost/profiles/defines2022/data.hpp"

namespace tileloom::cost::defines2022 {

/// A link's traffic: `amount` elements of `bits` every `period` cycles, `count` times; none if
/// count is 0.
struct Transfer {
  double amount = 0;
  std::int64_t bits = 0;
  std::int64_t period = 1;
  std::int64_t count = 0;
};

/// Where a link's figure stands in an array of kLinks.
constexpr std::size_t at(Link link) { return static_cast<std::size_t>(link); }

/// Both sides of boundary b.
struct Boundary {
  Transfer to_low, from_low;    ///< of memory b
  Transfer from_high, to_high;  ///< of memory b − 1; for b = 0 none
};

/// @param temporal  iterations of the loops below the boundary, after merging
/// @param partial   whether a reduction of the output continues above the boundary
/// Source: exact_model.md, section 5 "Links".
Boundary boundary(const PreparedOperand& operand, const Instances& instances, const Sizes& temporal,
                  int b, std::int64_t total_cycles, bool partial, Unrolled unrolled);

/// Whether output elements that cross boundary b are partial, reductions of `left` temporal
/// iterations remaining above it: left·(irrelevant spatial loops at levels > b) ≠ 1.
bool is_partial(const PreparedOperand& operand, std::int64_t left, int b, Unrolled unrolled);

/// Energy in pJ and words of the four links of a boundary, by Link: to_low and from_low of memory
/// b, to_high and from_high of memory b − 1.
struct BoundaryEnergy {
  std::array<double, kLinks> energy{};
  std::array<double, kLinks> words{};
};
/// Words are moved in multiples of the least access, and a low link no faster than what it faces:
///     low   ⌈x·p/g⌉·(g/bw)·count·⌈amount/x⌉·uc[b+1],  x = min(bw'·uu[b]/uu[b+1]/p, bw/p, amount)
///     high  ⌈amount·p/g⌉·(g/bw)·count·uc[b]
/// Source: README of the DeFiNES reference, 2.9.
BoundaryEnergy boundary_energy(const PreparedOperand& operand, const Instances& instances,
                               const Boundary& boundary, int b);

}  // namespace tileloom::cost::defines2022
