#include "tileloom/cost/boxed_operator.hpp"

#include <algorithm>
#include <limits>

#include "tileloom/cost/boxes.hpp"
#include "tileloom/support/checked.hpp"

namespace tileloom::cost {
namespace {

/// Calls `visit(lengths, count)` for the kinds of boxes: along each rank the full ones and, if the
/// extent is no multiple, the last one.
template <class Visit>
void for_each_kind(const Operator& op, const RankLengths& box, const Visit& visit) {
  const auto kinds = [&](std::size_t r) { return op.ranks[r].extent % box[r] == 0 ? 1 : 2; };
  std::vector<int> chosen(box.size(), 0);
  for (;;) {
    RankLengths lengths(box.size());
    std::int64_t count = 1;
    for (std::size_t r = 0; r < box.size(); ++r) {
      const std::int64_t extent = op.ranks[r].extent;
      const bool last = chosen[r] == 1;
      lengths[r] = last ? extent % box[r] : box[r];
      count = checked_mul(count, last ? 1 : extent / box[r]);
    }
    visit(lengths, count);
    std::size_t r = 0;
    while (r < box.size() && ++chosen[r] == kinds(r)) chosen[r++] = 0;
    if (r == box.size()) return;
  }
}

/// Σ of the lengths that an axis has over all boxes of its ranks.
double axis_total(const Operator& op, const Axis& axis, const RankLengths& box) {
  std::vector<std::int64_t> at(axis.terms.size(), 0);
  double total = 0;
  for (;;) {
    RankLengths low(box.size(), 0), high(box.size(), 1);
    for (std::size_t i = 0; i < at.size(); ++i) {
      const std::size_t r = index(axis.terms[i].rank);
      low[r] = at[i];
      high[r] = std::min(at[i] + box[r], op.ranks[r].extent);
    }
    total += static_cast<double>(indices_in(axis, low, high).length());
    std::size_t i = 0;
    for (; i < at.size(); ++i) {
      const std::size_t r = index(axis.terms[i].rank);
      at[i] += box[r];
      if (at[i] < op.ranks[r].extent) break;
      at[i] = 0;
    }
    if (i == at.size()) return total;
  }
}

double bits_total(const Workload& workload, const Operator& op, const Operand& operand,
                  const RankLengths& box) {
  double total = static_cast<double>(workload.tensors[operand.tensor].bits);
  for (const Axis& axis : operand.axes) total *= axis_total(op, axis, box);
  for (std::size_t r = 0; r < box.size(); ++r) {
    const bool written = &operand == &op.output;
    if (written || relevant(operand, static_cast<RankId>(r))) continue;
    total *= static_cast<double>(ceil_div(op.ranks[r].extent, box[r]));
  }
  return total;
}

/// Bits of the box of all ranks from zero on, padding included: none is larger.
double bits_largest(const Workload& workload, const Operand& operand, const RankLengths& box) {
  double bits = static_cast<double>(workload.tensors[operand.tensor].bits);
  for (const Axis& axis : operand.axes) {
    std::int64_t length = 1;
    for (const Term& term : axis.terms) {
      length += checked_mul(term.coefficient, box[index(term.rank)] - 1);
    }
    bits *= static_cast<double>(std::min(length, axis.extent));
  }
  return bits;
}

bool is_constant(const Workload& workload, const Operand& operand) {
  return workload.tensors[operand.tensor].kind == TensorKind::constant;
}

}  // namespace

RankLengths whole_box(const Operator& op) {
  RankLengths box;
  for (const Rank& rank : op.ranks) box.push_back(rank.extent);
  return box;
}

double box_cycles(const MulticoreMachine& machine, const Workload& workload, const Operator& op,
                  const OperatorField& field, const RankLengths& lengths) {
  Operator part = op;
  OperatorField part_of = field;
  for (std::size_t r = 0; r < lengths.size(); ++r) part.ranks[r].extent = lengths[r];
  for (std::size_t a = 0; a < kSplitAxes; ++a) {
    if (field.rank[a]) part_of.extent[a] = lengths[index(*field.rank[a])];
  }
  return compute_cycles(machine, operator_work(workload, part, part_of), part_of.extent);
}

BoxedWork boxed_work(const MulticoreMachine& machine, const Workload& workload, const Operator& op,
                     const OperatorField& field, const RankLengths& box) {
  BoxedWork work;
  work.points = static_cast<double>(points(op));
  for (std::size_t r = 0; r < box.size(); ++r) {
    std::int64_t& count = relevant(op.output, static_cast<RankId>(r)) ? work.boxes : work.steps;
    count = checked_mul(count, ceil_div(op.ranks[r].extent, box[r]));
  }
  for (const Operand& input : op.inputs) {
    const bool constant = is_constant(workload, input);
    (constant ? work.weights : work.in) += bits_total(workload, op, input, box);
    (constant ? work.largest_weights : work.largest_in) += bits_largest(workload, input, box);
  }
  work.out = bits_total(workload, op, op.output, box);
  work.largest_out = bits_largest(workload, op.output, box);
  for_each_kind(op, box, [&](const RankLengths& lengths, std::int64_t count) {
    work.compute += static_cast<double>(count) * box_cycles(machine, workload, op, field, lengths);
  });
  return work;
}

bool fits(const MulticoreMachine& machine, const BoxedWork& work) {
  constexpr double kUnlimited = std::numeric_limits<double>::infinity();
  const double twice = machine.overlap && work.boxes * work.steps > 1 ? 2 : 1;
  const double activations = twice * (work.largest_in + work.largest_out);
  const double weights = twice * work.largest_weights;
  const double room =
      machine.activation_bits ? static_cast<double>(*machine.activation_bits) : kUnlimited;
  if (machine.one_room) return activations + weights <= room;
  return activations <= room &&
         (!machine.weight_bits || weights <= static_cast<double>(*machine.weight_bits));
}

/// (M9) n' = min(n, boxes), K = ⌈boxes/n'⌉ · steps, of one step r = reads, c = compute, of one box
/// w = writes:  cycles = dispatch + r + min(r, c) + (K − 1) · max(c, r + w/steps) + c + w
void add_boxed(const MulticoreMachine& machine, const BoxedWork& work, std::int64_t cores,
               BlockCost& cost) {
  const std::int64_t used = std::min(cores, work.boxes);
  const auto n = static_cast<double>(used);
  const auto boxes = static_cast<double>(work.boxes);
  const auto steps = static_cast<double>(work.steps);
  const double own_boxes = static_cast<double>(ceil_div(work.boxes, used));
  const double own_steps = own_boxes * steps;
  const double all = boxes * steps;
  const double r = dram_cycles(machine, used, n * work.weights / all, n * work.in / all, 1);
  const double c = work.compute / all;
  const double w = dram_cycles(machine, used, 0, n * work.out / boxes, 1);
  const double start = dispatch(machine, used);
  const double two = machine.overlap && work.boxes * work.steps > 1 ? 2 : 1;
  cost.fits = true;
  cost.room =
      std::max(cost.room, two * (work.largest_weights + work.largest_in + work.largest_out));
  cost.limit = static_cast<double>(machine.activation_bits.value_or(0));
  cost.dispatch += start;
  cost.compute += own_steps * c;
  cost.memory += dram_cycles(machine, used, work.weights, work.in + work.out, 1);
  cost.dram_bits += work.weights + work.in + work.out;
  cost.work += work.points;
  cost.useful += work.points;
  if (machine.overlap) {
    // The second step's reads share the channels with the first one's.
    const double second = own_steps > 1 ? std::min(r, c) : 0;
    cost.cycles += start + r + second + (own_steps - 1) * std::max(c, r + w / steps) + c + w;
  } else {
    cost.cycles += start + own_steps * (r + c) + own_boxes * w;
  }
}

}  // namespace tileloom::cost
