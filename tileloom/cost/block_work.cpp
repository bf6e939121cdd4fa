#include "tileloom/cost/block_work.hpp"

#include <algorithm>
#include <limits>

#include "tileloom/support/checked.hpp"

namespace tileloom::cost {
namespace {

/// True if some axis of the operand moves with this rank and another one too: a window.
bool in_window(const Operand& operand, RankId rank) {
  return std::ranges::any_of(operand.axes, [&](const Axis& axis) {
    return axis.terms.size() > 1 &&
           std::ranges::any_of(axis.terms, [&](const Term& term) { return term.rank == rank; });
  });
}

struct KindLengths {
  std::int64_t output_channels, input_channels, positions, sequential;
};

KindLengths kind_lengths(const OperatorWork& work, const PartLengths& part) {
  KindLengths lengths{work.output_channels, work.input_channels, work.positions, work.sequential};
  for (std::size_t axis = 0; axis < kSplitAxes; ++axis) {
    switch (work.kind[axis]) {
      case LaneKind::output_channels:
        lengths.output_channels *= part[axis];
        break;
      case LaneKind::input_channels:
        lengths.input_channels *= part[axis];
        break;
      case LaneKind::positions:
        lengths.positions *= part[axis];
        break;
      case LaneKind::none:
        lengths.sequential *= part[axis];
        break;
    }
  }
  return lengths;
}

}  // namespace

LaneKind lane_kind(const Operator& op, RankId rank, bool along_channels) {
  const bool product = op.function == PointFunction::multiply && op.reduction == Reduction::sum &&
                       op.inputs.size() >= 2;
  const bool in_output = relevant(op.output, rank);
  if (!product) {
    if (!in_output) return LaneKind::none;
    return along_channels ? LaneKind::output_channels : LaneKind::positions;
  }
  const bool right = std::any_of(op.inputs.begin() + 1, op.inputs.end(),
                                 [&](const Operand& input) { return relevant(input, rank); });
  if (in_output) return right ? LaneKind::output_channels : LaneKind::positions;
  return in_window(op.inputs[0], rank) ? LaneKind::none : LaneKind::input_channels;
}

OperatorWork operator_work(const Workload& workload, const Operator& op,
                           const OperatorField& field) {
  OperatorWork work;
  work.extent = field.extent;
  const std::optional<RankId> channels = field.rank[static_cast<std::size_t>(SplitAxis::channels)];
  for (std::size_t r = 0; r < op.ranks.size(); ++r) {
    const RankId rank = static_cast<RankId>(r);
    const LaneKind kind = lane_kind(op, rank, channels == rank);
    bool split = false;
    for (std::size_t axis = 0; axis < kSplitAxes; ++axis) {
      if (field.rank[axis] != rank) continue;
      work.kind[axis] = kind;
      split = true;
    }
    if (split) continue;
    const std::int64_t extent = op.rank(rank).extent;
    std::int64_t& total = kind == LaneKind::output_channels  ? work.output_channels
                          : kind == LaneKind::input_channels ? work.input_channels
                          : kind == LaneKind::positions      ? work.positions
                                                             : work.sequential;
    total = checked_mul(total, extent);
  }
  for (const Operand& input : op.inputs) {
    const Tensor& tensor = workload.tensors[input.tensor];
    if (tensor.kind != TensorKind::constant) continue;
    OperatorWork::Weights weights{static_cast<double>(elements(tensor) * tensor.bits), {}};
    for (std::size_t axis = 0; axis < kSplitAxes; ++axis) {
      weights.divided[axis] = field.rank[axis] && relevant(input, *field.rank[axis]) &&
                              !in_window(input, *field.rank[axis]);
    }
    work.weights.push_back(weights);
  }
  return work;
}

/// (M2) points = Π ranks, the split ones with their lengths in this part
double points(const OperatorWork& work, const PartLengths& part) {
  const KindLengths n = kind_lengths(work, part);
  return static_cast<double>(n.output_channels) * static_cast<double>(n.input_channels) *
         static_cast<double>(n.positions) * static_cast<double>(n.sequential);
}

/// (M3) c = min over lane shapes ⌈K/L_K⌉ · ⌈C/L_C⌉ · ⌈P/L_P⌉ · sequential · cycles per operation
double compute_cycles(const MulticoreMachine& machine, const OperatorWork& work,
                      const PartLengths& part) {
  const KindLengths n = kind_lengths(work, part);
  double least = std::numeric_limits<double>::infinity();
  for (const LaneShape& lanes : machine.lanes) {
    const double steps = static_cast<double>(ceil_div(n.output_channels, lanes.output_channels)) *
                         static_cast<double>(ceil_div(n.input_channels, lanes.input_channels)) *
                         static_cast<double>(ceil_div(n.positions, lanes.positions));
    least = std::min(least, steps);
  }
  return least * static_cast<double>(n.sequential) * machine.cycles_per_operation;
}

double least_compute_cycles(const MulticoreMachine& machine, const OperatorWork& work,
                            const PartLengths& part) {
  if (machine.lanes.size() == 1) return compute_cycles(machine, work, part);
  const KindLengths n = kind_lengths(work, part);
  const auto steps = [](std::int64_t length, std::int64_t lanes) {
    return static_cast<double>(length) / static_cast<double>(lanes);
  };
  double least = std::numeric_limits<double>::infinity();
  for (const LaneShape& lanes : machine.lanes) {
    least = std::min(least, steps(n.output_channels, lanes.output_channels) *
                                steps(n.input_channels, lanes.input_channels) *
                                steps(n.positions, lanes.positions));
  }
  return least * static_cast<double>(n.sequential) * machine.cycles_per_operation;
}

/// (M4) w = Σ weights · Π_{divided axes} length / extent, 0 for an empty part
double weight_bits(const OperatorWork& work, const PartLengths& part) {
  if (std::ranges::find(part, 0) != part.end()) return 0;
  double total = 0;
  for (const OperatorWork::Weights& weights : work.weights) {
    double bits = weights.bits;
    for (std::size_t axis = 0; axis < kSplitAxes; ++axis) {
      if (!weights.divided[axis]) continue;
      bits *= static_cast<double>(part[axis]) / static_cast<double>(work.extent[axis]);
    }
    total += bits;
  }
  return total;
}

std::int64_t weight_pieces(const MulticoreMachine& machine, const OperatorWork& work,
                           const PartLengths& part, std::int64_t pieces) {
  if (work.weights.empty()) return 1;
  const KindLengths n = kind_lengths(work, part);
  std::int64_t steps = 1;
  for (const LaneShape& lanes : machine.lanes) {
    steps = std::max(steps, ceil_div(n.output_channels, lanes.output_channels) *
                                ceil_div(n.input_channels, lanes.input_channels));
  }
  return std::min(steps, pieces);
}

}  // namespace tileloom::cost
