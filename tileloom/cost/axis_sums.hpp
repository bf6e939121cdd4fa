#pragma once
// Sums over all moves of time of what one axis of a tensor contributes to its traffic.
// docs/cost_model.md, section 2: a box is a product over axes, so every count is a sum over moves
// of products of these sums.

#include <cstdint>
#include <vector>

#include "tileloom/cost/chain.hpp"
#include "tileloom/loop_tree/loop_tree.hpp"

namespace tileloom::cost {

/// One axis of an operand with the chains of its ranks. An axis without ranks has the one index
/// `offset`; a rank the operand does not have is an axis [0, 1) whose only task is to say where
/// instances are idle (`idle_only`).
struct AxisChains {
  std::int64_t offset = 0;
  std::int64_t extent = 1;
  bool idle_only = false;
  std::vector<std::int64_t> coefficients;  ///< per chain
  std::vector<Chain> chains;
  /// The chain to which each temporal loop of this axis belongs, in path order.
  std::vector<std::size_t> loops;
  bool operator==(const AxisChains&) const = default;
};

/// True if some index of the axis lies outside the tensor.
bool cut_by_padding(const AxisChains& axis);

/// Sums over the states in which one kind of move happens, in elements along this axis.
/// `united` counts an index once per group of positions, `each` once per position.
struct MoveSums {
  std::int64_t united_now = 0;          ///< Σ |∪ X|
  std::int64_t united_now_kept = 0;     ///< Σ |∪ X| − |∪ (X \ kept)|
  std::int64_t united_before = 0;       ///< Σ |∪ X'|
  std::int64_t united_before_kept = 0;  ///< Σ |∪ X'| − |∪ (X' \ kept)|
  std::int64_t each_now = 0;            ///< Σ |X|
  std::int64_t each_kept = 0;           ///< Σ |kept|, kept = X ∩ X' or, keep same, X if X = X'
};

struct AxisSums {
  /// own[k]: the axis's k-th temporal loop moves on. still[k]: a loop of another axis moves on that
  /// stands inside the first k temporal loops of this axis and outside the rest.
  std::vector<MoveSums> own;
  std::vector<MoveSums> still;
  std::int64_t largest = 0;  ///< longest interval of one instance
};

class MoveEnumeration;

/// `states`: working memory.
AxisSums axis_sums(const AxisChains& axis, Keep keep, MoveEnumeration& states);
AxisSums axis_sums(const AxisChains& axis, Keep keep);

/// The last entry of `still` alone: what lanes need, which hold nothing.
MoveSums all_states(const AxisChains& axis, MoveEnumeration& states);
MoveSums all_states(const AxisChains& axis);

/// The last entry of `own` alone: the moves of the axis's innermost temporal loop.
MoveSums innermost_moves(const AxisChains& axis, Keep keep);

}  // namespace tileloom::cost
