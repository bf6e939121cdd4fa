#pragma once
// What a block's evaluator adds up on the way from a plan to its cycles; for the files that
// implement it.

#include <algorithm>
#include <vector>

#include "tileloom/cost/block_cost.hpp"

namespace tileloom::cost {

/// Totals over all parts of a plan; rooms are of the part that needs most.
struct BlockEvaluator::Sums {
  std::vector<double> weights;  ///< per operator: bits streamed, all tiles of all cores
  std::vector<double> pieces;   ///< per operator: in how many pieces, in the largest part
  std::vector<double> in;       ///< per input: bits, all tiles of all cores
  double out = 0;
  double work = 0;
  double activation_room = 0;
  double weight_room = 0;
  double largest_exchange = 0;  ///< bits that one core gets from others, at the most
  double exchanges = 0;         ///< tensors that are exchanged
};

/// One tile of one core: cycles per operator and of what arrives meanwhile.
struct BlockEvaluator::Phase {
  std::vector<double> compute;  ///< cycles per operator
  const std::vector<ChannelLoad>& weights;
  const std::vector<double>& pieces;

  /// (M7) p = Σ_l (q_l − 1) · max(c_l, w_l)/q_l + max(c_l/q_l, w_{l+1}/q_{l+1}),
  /// tile = max(p, a + Σ w)
  double cycles(const ChannelLoad& activations, double next_weights) const {
    double pipeline = 0;
    ChannelLoad traffic = activations;
    for (std::size_t l = 0; l < compute.size(); ++l) {
      const bool last = l + 1 == compute.size();
      const double next = last ? next_weights : longest(weights[l + 1]) / pieces[l + 1];
      pipeline += (pieces[l] - 1) * std::max(compute[l], longest(weights[l])) / pieces[l] +
                  std::max(compute[l] / pieces[l], next);
      traffic += weights[l];
    }
    return std::max(pipeline, longest(traffic));
  }
};

/// What all cores move, and how long that takes them.
struct BlockEvaluator::Traffic {
  Sums total;
  Resident stay;
  Transfers move;
  ChannelLoad streamed;      ///< of all weights that stream in
  ChannelLoad activations;   ///< of all inputs and outputs
  double streamed_bits = 0;  ///< read and written but for weights that stay
  double first_piece = 0;    ///< cycles until the first piece of streamed weights is there
};

}  // namespace tileloom::cost
