#pragma once
// The GEMM steps of a nest that meet no padding.
//
// A step whose block of data or of weights holds nothing but padding adds zero and may be left out.
// Along an axis with the coordinate c = a·p + b·r, for trips p of a pixel loop and r of a window loop,
// blocks with c < zero_before or c ≥ extent − zero_after are padding: for every r the trips p that
// matter are an interval, and trips r of equal intervals form a box.

#include <cstdint>
#include <vector>

#include "tileloom/target/vta/codegen/nest.hpp"

namespace tileloom::target::vta {

/// An axis of an input beyond whose ends lies padding, and the loops that move along it.
struct PaddedAxis {
  std::int64_t low = 0;   ///< the first coordinate that holds an element
  std::int64_t high = 1;  ///< behind the last one
  PackedTerm pixel;
  PackedTerm window;  ///< where one loop moves along the axis alone: step 0
};

/// Those of data and weights. Axes along which more than two loops move are left out, and those of
/// which a loop moves along an earlier one: their padding is multiplied.
std::vector<PaddedAxis> padded_axes(const Nest& nest);

/// GEMM steps that meet no padding along padded_axes().
std::int64_t useful_steps(const Nest& nest);

/// Pieces into which the first, or the last, tile of the pixel loop falls more than others if the
/// window is whole: trips of the window that meet padding there.
std::int64_t further_pieces(const Nest& nest, const PaddedAxis& axis);

/// Disjoint boxes of `tile`, in order of their trips, that hold every step of it that meets no
/// padding. Padding is cut off where the steps that it takes are more than those of another
/// instruction (kPieceSteps). Empty: all is padding.
std::vector<Tile> useful_parts(const std::vector<PaddedAxis>& axes, const Tile& tile);

/// What another GEMM instruction costs: its pipeline (7 cycles) and its place in the queue.
inline constexpr std::int64_t kPieceSteps = 8;

}  // namespace tileloom::target::vta
