#include "tileloom/scheduler/dlfusion/plan_bounds.hpp"

#include <algorithm>
#include <limits>

#include "tileloom/cost/touched.hpp"
#include "tileloom/support/checked.hpp"
#include "tileloom/support/factors.hpp"

namespace tileloom::scheduler {
namespace {

constexpr std::size_t kByChannels = static_cast<std::size_t>(SplitAxis::channels);

/// True if some index of what is read is needed by nobody: a window shorter than its step, or
/// positions that read padding only.
bool passes_over(const AxisMove& move, std::int64_t ranks, std::int64_t extent) {
  if (!move.moves) return false;
  return move.stride > move.last - move.first + 1 || move.last < 0 ||
         (ranks - 1) * move.stride + move.first >= extent * move.inner;
}

/// The same of any axis.
bool passes_over(const NetworkField& field, const OperatorField& op,
                 const OperatorField::Read& read) {
  for (std::size_t a = 0; a < kSplitAxes; ++a) {
    if (passes_over(read.moves[a], op.extent[a], field.extent[read.tensor][a])) return true;
  }
  return false;
}

/// The values of the split ranks that write something: of a transposed convolution the first and
/// last windows may lie in the padding, and nobody computes them.
PerSplit<Interval> writing(const OperatorField& op, const PerSplit<std::int64_t>& made) {
  PerSplit<Interval> ranks;
  for (std::size_t a = 0; a < kSplitAxes; ++a) {
    ranks[a] = ranks_for(op.write[a], {0, made[a]}, op.extent[a]);
  }
  return ranks;
}

cost::PartLengths lengths(const PerSplit<Interval>& ranks) {
  cost::PartLengths lengths{};
  for (std::size_t a = 0; a < kSplitAxes; ++a) lengths[a] = ranks[a].length();
  return lengths;
}

/// True if the read needs its whole tensor.
bool covers(const NetworkField& field, const OperatorField& op, const PerSplit<std::int64_t>& made,
            const OperatorField::Read& read) {
  if (lengths(writing(op, made)) != op.extent) return false;
  for (std::size_t a = 0; a < kSplitAxes; ++a) {
    const std::int64_t extent = field.extent[read.tensor][a];
    const Interval needed = indices_for(read.moves[a], {0, op.extent[a]}, extent);
    if (passes_over(read.moves[a], op.extent[a], extent)) return false;
    if (needed != Interval{0, extent}) return false;
  }
  return true;
}

/// Per operator: true if no block needs all of its results surely. They are needed if they leave
/// the network, or if a reader needs its whole input for results that are all needed: either the
/// block has that reader, or the results leave the block and are computed whole for that.
std::vector<bool> partly_needed(const Workload& workload, const NetworkField& field) {
  std::vector<bool> partly(workload.operators.size(), false);
  for (std::size_t i = partly.size(); i-- > 0;) {
    const TensorId made = workload.operators[static_cast<OperatorId>(i)].output.tensor;
    const std::vector<OperatorId> readers = consumers(workload, made);
    if (readers.empty() || workload.tensors[made].kind == TensorKind::output) continue;
    partly[i] = std::ranges::none_of(readers, [&](OperatorId reader) {
      const OperatorField& op = field.operators[reader];
      return !partly[index(reader)] &&
             std::ranges::any_of(op.reads, [&](const OperatorField::Read& read) {
               const TensorId next = workload.operators[reader].output.tensor;
               return read.tensor == made && covers(field, op, field.extent[next], read);
             });
    });
  }
  return partly;
}

/// True if some operator computes some of its channels in several parts.
bool repeats_channels(const cost::NetworkWork& network, const Block& block,
                      const PartField& parts) {
  for (std::size_t i = 0; i < block.operators.size(); ++i) {
    std::int64_t total = 0;
    for (const Interval& part : parts.ranks[i]) total += part.length();
    if (total > network.field.operators[block.operators[i]].extent[kByChannels]) return true;
  }
  return false;
}

bool leaves(const Block& block, TensorId tensor) {
  return std::ranges::find(block.outputs, tensor) != block.outputs.end();
}

/// True if the operator writes every index of its tensor's axis, the i-th with its i-th value.
bool writes_all(const OperatorField& op, const PerSplit<std::int64_t>& made, std::size_t axis) {
  const AxisMove& move = op.write[axis];
  if (!move.moves) return true;
  return move.stride == 1 && move.first == 0 && move.last == 0 && move.inner == 1 &&
         op.extent[axis] == made[axis];
}

}  // namespace

std::vector<Layout> all_layouts(std::int64_t cores) {
  if (cores == 1) return {{1, 1, 1, 1}};
  std::vector<Layout> found;
  for (std::int64_t first = 1; first <= cores; ++first) {
    if (cores % first != 0) continue;
    const std::int64_t rest = cores / first;
    found.push_back({1, 1, rest, first});
    if (first > 1) found.push_back({1, first, rest, 1});
    if (first > 1) found.push_back({first, 1, rest, 1});
  }
  return found;
}

Load& operator+=(Load& sum, const Load& more) {
  sum.compute += more.compute;
  sum.weights += more.weights;
  for (std::size_t i = 0; i < sum.cuts.size(); ++i) {
    sum.cuts[i].last += more.cuts[i].last;
    sum.cuts[i].weights += more.cuts[i].weights;
  }
  return sum;
}

bool channels_divide(const cost::NetworkWork& network, const Block& block, std::int64_t parts) {
  return !repeats_channels(network, block,
                           part_field(network.field, block, SplitAxis::channels, parts));
}

PlanBounds::PlanBounds(const cost::MulticoreMachine& machine, const Workload& workload,
                       const cost::NetworkWork& network, const std::vector<std::int64_t>& counts)
    : machine_(machine), workload_(workload), network_(network) {
  for (const std::int64_t cores : counts) {
    for (const Layout& layout : all_layouts(cores)) {
      const double sharing =
          machine.multicast ? static_cast<double>(cores / layout[kByChannels]) : 1;
      places_.push_back({layout, cores, dispatch(machine, cores), sharing,
                         dram_cycles(machine, cores, 1, 0, sharing)});
    }
    for (const std::int64_t p : prime_factors(cores)) {
      if (std::ranges::find(primes_, p) == primes_.end()) primes_.push_back(p);
    }
  }
  partly_needed_ = partly_needed(workload, network.field);
  for (const OperatorId id : ids<OperatorId>(workload.operators.size())) {
    made_.push_back(workload.operators[id].output.tensor);
    const OperatorField& op = network.field.operators[id];
    dense_.push_back(std::ranges::none_of(op.reads, [&](const OperatorField::Read& read) {
      return passes_over(network.field, op, read);
    }));
    for (std::size_t a = 0; a < kSplitAxes; ++a) {
      if (!writes_all(op, network.field.extent[made_[id]], a)) written_apart_[a] = true;
    }
  }
  for (const OperatorId id : ids<OperatorId>(workload.operators.size())) {
    loads_.push_back(load_of(id));
  }
}

Load PlanBounds::load_of(OperatorId id) const {
  const cost::OperatorWork& work = network_.operators[id];
  const OperatorField& op = network_.field.operators[id];
  const PerSplit<std::int64_t>& made = network_.field.extent[made_[id]];
  // Boxes read no more of a constant than the operator needs.
  const double weights = std::min(cost::weight_bits(work, work.extent),
                                  cost::touched_constant_bits(workload_, workload_.operators[id]));
  Load load = no_load();
  if (partly_needed_[index(id)]) return load;
  load.compute = cost::least_compute_cycles(machine_, work, lengths(writing(op, made)));
  load.weights = weights;
  for (std::size_t i = 0; i < places_.size(); ++i) {
    const Layout& layout = places_[i].layout;
    cost::PartLengths part = work.extent;
    bool even = true;
    double copies = 1;
    for (std::size_t a = 0; a < kSplitAxes; ++a) {
      if (layout[a] == 1) continue;
      const bool all = writes_all(op, made, a);
      even &= all;
      if (op.write[a].moves) part[a] = ceil_div(op.extent[a], layout[a]);
      // A part reads its share only of a constant that is divided along the axis.
      const bool shared = std::ranges::any_of(
          work.weights, [&](const cost::OperatorWork::Weights& w) { return w.divided[a]; });
      if (a == kByChannels || written_apart_[a] || shared) continue;
      copies *= static_cast<double>(machine_.exchange ? std::min(layout[a], made[a]) : layout[a]);
    }
    load.cuts[i].weights = copies * weights;
    if (even) load.cuts[i].last = cost::compute_cycles(machine_, work, part);
  }
  return load;
}

BlockBound PlanBounds::bound(const Block& block) const {
  BlockBound bound;
  bound.load = no_load();
  bound.inside = block.inside.size();
  const bool dense = std::ranges::all_of(block.operators,
                                         [&](OperatorId id) -> bool { return dense_[index(id)]; });
  bound.tiles_add_up = machine_.lanes.size() == 1 && dense;
  // What few parts repeat many repeat, too, but for what lies between what they need.
  bound.channels_divide = !dense;
  for (const std::int64_t count : primes_) {
    if (bound.channels_divide) break;
    const PartField parts = part_field(network_.field, block, SplitAxis::channels, count);
    bound.channels_divide = parts.apart || !repeats_channels(network_, block, parts);
  }
  for (const OperatorId id : block.operators) {
    bound.load += loads_[id];
    bound.weights += cost::weight_bits(network_.operators[id], network_.operators[id].extent);
    // What leaves the block is computed whole, whatever its readers pass over.
    if (partly_needed_[index(id)] && leaves(block, made_[id])) {
      const OperatorField& op = network_.field.operators[id];
      bound.load.compute += cost::least_compute_cycles(
          machine_, network_.operators[id], lengths(writing(op, network_.field.extent[made_[id]])));
    }
  }
  for (const TensorId output : block.outputs) {
    bound.activations += cost::written_bits(network_, block, output);
  }
  add_inputs(block, bound);
  bound.touched = touched(block);
  return bound;
}

/// Of each input what one operator reads that leaves nothing out, the greediest of them: what two
/// read may lie apart.
void PlanBounds::add_inputs(const Block& block, BlockBound& bound) const {
  std::vector<double> most(block.inputs.size(), 0.0);
  for (const OperatorId id : block.operators) {
    if (partly_needed_[index(id)] && !leaves(block, made_[id])) continue;
    const OperatorField& op = network_.field.operators[id];
    const PerSplit<Interval> ranks = writing(op, network_.field.extent[made_[id]]);
    for (const OperatorField::Read& read : op.reads) {
      const auto input = std::ranges::find(block.inputs, read.tensor);
      if (input == block.inputs.end() || passes_over(network_.field, op, read)) continue;
      double bits = network_.bits[read.tensor];
      for (std::size_t a = 0; a < kSplitAxes; ++a) {
        const std::int64_t extent = network_.field.extent[read.tensor][a];
        bits *= static_cast<double>(indices_for(read.moves[a], ranks[a], extent).length()) /
                static_cast<double>(extent);
      }
      double& largest = most[static_cast<std::size_t>(input - block.inputs.begin())];
      largest = std::max(largest, bits);
    }
  }
  for (const double bits : most) bound.activations += bits;
}

double PlanBounds::least(const Load& before, const Load& after) const {
  double least = std::numeric_limits<double>::infinity();
  const double compute = after.compute - before.compute;
  for (std::size_t i = 0; i < places_.size(); ++i) {
    const Place& place = places_[i];
    const double weights = after.cuts[i].weights - before.cuts[i].weights;
    const double work =
        std::max(compute / static_cast<double>(place.cores), weights * place.per_bit);
    least = std::min(least, place.dispatch + work);
  }
  // An operator in boxes may run on as many cores as it has boxes.
  if (places_.empty()) return least;
  return std::min(least,
                  on_any_cores(compute, after.weights - before.weights, places_.back().cores));
}

double PlanBounds::traffic(const BlockBound& bound, const Place& place) const {
  return dram_cycles(machine_, place.cores, bound.load.cuts[number(place)].weights,
                     bound.activations, place.sharing);
}

double PlanBounds::recomputed(const BlockBound& bound, const Place& place) const {
  if (place.layout[kByChannels] > 1 && !bound.channels_divide) {
    return std::numeric_limits<double>::infinity();
  }
  const double compute = bound.load.compute / static_cast<double>(place.cores);
  return place.dispatch + std::max(compute, traffic(bound, place));
}

double PlanBounds::exchanged(const BlockBound& bound, const Place& place) const {
  if (!machine_.exchange || place.cores == 1 || bound.inside == 0) {
    return std::numeric_limits<double>::infinity();
  }
  const double compute = std::max(bound.load.compute / static_cast<double>(place.cores),
                                  bound.load.cuts[number(place)].last);
  const double meetings =
      static_cast<double>(bound.inside) * (place.dispatch - dispatch(machine_, 1));
  return place.dispatch + std::max(compute, traffic(bound, place)) + meetings;
}

double PlanBounds::recomputed(const BlockBound& bound, const Layout& layout) const {
  return recomputed(bound, *std::ranges::find(places_, layout, &Place::layout));
}
double PlanBounds::exchanged(const BlockBound& bound, const Layout& layout) const {
  return exchanged(bound, *std::ranges::find(places_, layout, &Place::layout));
}

double PlanBounds::least(const BlockBound& bound, std::int64_t cores) const {
  double least = std::numeric_limits<double>::infinity();
  for (const Place& place : places_) {
    if (place.cores != cores) continue;
    least = std::min({least, recomputed(bound, place), exchanged(bound, place)});
  }
  return bound.boxes ? std::min(least, boxed(bound, cores)) : least;
}

/// (M9) on the cores that have a box, each box once: any number of them.
double PlanBounds::boxed(const BlockBound& bound, std::int64_t cores) const {
  return on_any_cores(bound.load.compute, bound.touched, cores);
}

double PlanBounds::on_any_cores(double compute, double bits, std::int64_t cores) const {
  double least = std::numeric_limits<double>::infinity();
  for (std::int64_t n = 1; n <= cores; ++n) {
    const double memory =
        bits / std::min(static_cast<double>(n) * machine_.port,
                        machine_.channel_bandwidth * static_cast<double>(machine_.channels));
    least =
        std::min(least, dispatch(machine_, n) + std::max(compute / static_cast<double>(n), memory));
  }
  return least;
}

/// What every operator needs of the block's inputs (the greediest reader of each), of constants,
/// and writes of its outputs. Boxes read hulls; what an operator passes over they may leave out,
/// along the split axes and along all others.
double PlanBounds::touched(const Block& block) const {
  double bits = 0;
  std::vector<double> read(block.inputs.size());
  for (const OperatorId id : block.operators) {
    const Operator& op = workload_.operators[id];
    bits += cost::touched_constant_bits(workload_, op);
    if (leaves(block, made_[id])) bits += cost::touched_bits(workload_, op, op.output);
    for (const Operand& operand : op.inputs) {
      const auto input = std::ranges::find(block.inputs, operand.tensor);
      if (input == block.inputs.end()) continue;
      double& most = read[static_cast<std::size_t>(input - block.inputs.begin())];
      most = std::max(most, cost::touched_bits(workload_, op, operand));
    }
  }
  for (const double b : read) bits += b;
  return bits;
}

}  // namespace tileloom::scheduler
