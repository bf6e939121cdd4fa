#pragma once
// What a part of an operator computes and which of its weights it needs.

#include <cstdint>
#include <vector>

#include "tileloom/cost/multicore_machine.hpp"
#include "tileloom/workload/receptive_field.hpp"

namespace tileloom::cost {

/// The kinds of ranks that lanes run over.
enum class LaneKind : std::uint8_t { output_channels, input_channels, positions, none };

/// An operator by its ranks: those that are split have a length per part, the others are whole.
struct OperatorWork {
  PerSplit<std::int64_t> extent{{1, 1, 1, 1}};  ///< of the rank split along each axis
  PerSplit<LaneKind> kind{{LaneKind::none, LaneKind::none, LaneKind::none, LaneKind::none}};
  std::int64_t output_channels = 1;  ///< Π ranks of each kind that are never split
  std::int64_t input_channels = 1;
  std::int64_t positions = 1;
  std::int64_t sequential = 1;  ///< Π all other ranks: filter taps, windows, reductions
  struct Weights {
    double bits = 0;           ///< of all of them
    PerSplit<bool> divided{};  ///< along the axis: a part needs its share only
  };
  std::vector<Weights> weights;
};

/// The lengths of the split ranks in one part.
using PartLengths = PerSplit<std::int64_t>;

/// A product's rank by the operands that have it: right-hand side and output, or all three:
/// output channels; output and left-hand side: positions; a sum over both sides that is no window:
/// input channels. Of other operators: channels by their axis, and positions.
LaneKind lane_kind(const Operator& op, RankId rank, bool along_channels);

OperatorWork operator_work(const Workload& workload, const Operator& op,
                           const OperatorField& field);

/// Points of a part. (M2)
double points(const OperatorWork& work, const PartLengths& part);
/// Cycles of a part on one core. (M3)
double compute_cycles(const MulticoreMachine& machine, const OperatorWork& work,
                      const PartLengths& part);
/// The cycles of the parts of any partition of `part`, along the split axes or into boxes of all
/// ranks, add up to no less: where lanes have several shapes, of the best one with all ranks
/// perfectly divided.
double least_compute_cycles(const MulticoreMachine& machine, const OperatorWork& work,
                            const PartLengths& part);
/// Bits of the weights that a part needs. (M4)
double weight_bits(const OperatorWork& work, const PartLengths& part);
/// Pieces in which they arrive when streamed: at most `pieces`, at least one step of the lanes
/// each.
std::int64_t weight_pieces(const MulticoreMachine& machine, const OperatorWork& work,
                           const PartLengths& part, std::int64_t pieces);

}  // namespace tileloom::cost
