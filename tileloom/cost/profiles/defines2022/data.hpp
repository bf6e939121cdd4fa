#pragma once
// How much data a part of a mapping touches, and on how many instances it is spread.

#include "tileloom/cost/profiles/defines2022/prepared.hpp"

namespace tileloom::cost::defines2022 {

/// How an unrolling counts that does not divide its bound, and so is a fraction.
enum class Unrolled : std::uint8_t {
  fraction,                ///< as it is, N(·) of fractions truncated: energy
  rounded_up,              ///< latency
  fraction_whole_windows,  ///< as it is, but N(·) of truncated extents: energy of ZigZag 3.8.5
  rounded_down,            ///< latency of ZigZag 3.8.5
};

/// Product of the operand's spatial loops of `dim` at or below spatial level `level` (−1: none).
double side_by_side(const PreparedOperand& operand, Dim dim, int level, Unrolled unrolled);

/// The same over the levels from `level` upwards, of all loops.
double side_by_side_from(const PreparedOperand& operand, int level, Unrolled unrolled);

/// Elements one instance of memory `below − 1` holds (below = 0: the MAC), the temporal loops below
/// the boundary having run `temporal` iterations:
///     D = round(Π_relevant T·s · Π_windows ⌊N(T·s, T·s)⌋)    [elements], D[0] = 1
/// Rounds half to even. Source: exact_model.md, section 5.
double data(const PreparedOperand& operand, const Sizes& temporal, int below, Unrolled unrolled);

/// The parts of the spatial levels of an operand, by level a = 0 … levels.
struct Instances {
  std::vector<double> unique;  ///< uu[a]: instances above level a that hold different data
  std::vector<double> all;     ///< uc[a]: instances
  std::vector<double> boost;   ///< ⌊uu[a] / uu[a+1]⌋, a < levels
};
/// One per operand; how uc is rounded depends on all of them.
std::vector<Instances> instances(const Prepared& prepared, Unrolled unrolled);

/// Product of the irrelevant spatial loops at levels ≥ `level`.
double irrelevant_from(const PreparedOperand& operand, int level, Unrolled unrolled);

}  // namespace tileloom::cost::defines2022
