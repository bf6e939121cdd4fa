#pragma once
// CoSA's mixed-integer program in its two forms, and what both share.

#include <vector>

#include "tileloom/mapper/cosa/proxy.hpp"
#include "tileloom/solver/mip.hpp"

namespace tileloom::mapper::cosa {

/// What a program is made of besides the shape.
struct Terms {
  Equations equations;
  /// [buffer] what repair takes off log2 M.
  std::vector<double> tightened;
  /// [buffer] true: sums there count at their partial width while a rank the output does not have
  /// has a loop outside; repair switches it on.
  std::vector<bool> partial_widths;
};

/// A program, and how to read an allocation off its solution.
struct Program {
  solver::Mip mip;
  /// [power · places + place]: variables that add up to the copies that stand there.
  std::vector<solver::Sum> amounts;
  std::vector<solver::VariableId> class_chosen;  ///< aggregated: [class] binary
};

/// F1, as published: a binary per copy of a prime, level and rank position.
Program published(const MapSpace& space, const Shape& shape, const Terms& terms);

/// F2: an integer per prime, place; loop orders as one of the dominating classes. Same optimum.
Program aggregated(const MapSpace& space, const Shape& shape, const Terms& terms);

/// The most copies of a power that fit into a buffer by themselves, 0 … copies:
///     ⌊(log2 M(i,v) − stride) / log2 p⌋ for a rank its operand has; all of them for any other
double most_inside(const Shape& shape, const Terms& terms, std::size_t buffer,
                   const PrimePower& power);

/// (C3) Spatial factors fit the axis:  Σ log2 p · amount ≤ log2 S    rows "spatial[GlobalBuffer/pe]"
/// and, implied for whole factors but not for parts of them, all of them together fill no more lanes
/// than the best assignment of primes to axes                                 row "spatial[all]"
void add_fanouts(const Shape& shape, Program& program);

/// (C2) Tiles fit buffers:  U(i,v) ≤ log2 M(i,v)                rows "capacity[GlobalBuffer,I]"
/// with (C5) halo:  w(R) = zz(P) · Σ amounts of R below DRAM         rows "halo[…]", "inside[…]"
/// and − w_U · Util in the objective.
void add_capacities(const Shape& shape, const Terms& terms, Program& program);

/// What the user allows as trips and tiles of a rank at a place: rows "trips[…]", "tile[…]".
void add_rules(const MapSpace& space, const Shape& shape, Program& program);

/// The allocation a solution stands for; published: the class whose operands stay put there.
Allocation allocation_of(const Shape& shape, const Program& program, const solver::Values& values);

}  // namespace tileloom::mapper::cosa
