#include "tileloom/scheduler/exact/stack_choice.hpp"

#include <algorithm>

#include "tileloom/cost/dispatch.hpp"
#include "tileloom/loop_tree/fused_flow.hpp"
#include "tileloom/support/checked.hpp"

namespace tileloom::scheduler::exact {
namespace {

/// The run that occurs most often; of several the first.
std::optional<RankBox> usual_run(const FusedPlan& plan, std::size_t child) {
  std::vector<std::pair<std::vector<std::int64_t>, std::size_t>> classes;
  std::vector<RankBox> examples;
  for (const std::vector<RankBox>& runs : plan.runs[child]) {
    for (const RankBox& run : runs) {
      std::vector<std::int64_t> lengths;
      for (const Interval& rank : run) lengths.push_back(rank.length());
      const auto known = std::ranges::find(classes, lengths, [](const auto& c) { return c.first; });
      if (known != classes.end()) {
        ++known->second;
      } else {
        classes.emplace_back(std::move(lengths), 1);
        examples.push_back(run);
      }
    }
  }
  if (classes.empty()) return std::nullopt;
  const auto most = std::ranges::max_element(classes, {}, [](const auto& c) { return c.second; });
  return examples[static_cast<std::size_t>(most - classes.begin())];
}

/// The slowest port.
Cycles port_time(const cost::FusedEvaluation& evaluation) {
  Cycles most{};
  for (const cost::PortTime& port : evaluation.ports) most = std::max(most, port.cycles);
  return most;
}

}  // namespace

double home_traffic(const std::vector<cost::PortTime>& ports) {
  double bits = 0;
  for (const cost::PortTime& port : ports) {
    // A shared port carries what the other two say once more.
    const bool counts = port.memory == MemoryId{0} && port.kind != cost::PortKind::shared;
    bits += counts ? port.bits : 0;
  }
  return bits;
}

std::int64_t inner_occupancy(const Architecture& arch,
                             const std::vector<cost::Occupancy>& occupancy) {
  std::int64_t bits = 0;
  for (const cost::Occupancy& held : occupancy)
    if (held.memory != MemoryId{0}) bits += instances(arch, held.memory) * held.used.value;
  return bits;
}

std::optional<LoopTree> StackSpace::tree(const Range& range, const Tiling& tiling) const {
  const LoopTree bare = frames_.frame(range, tiling);
  return filled(range, bare, plan(problem_.workload, frames_.stack(range, bare, tiling.inside)));
}

std::optional<LoopTree> StackSpace::filled(const Range& range, LoopTree made,
                                           const FusedPlan& planned) const {
  std::vector<LoopTree>& children = std::get<Sequence>(made.tail).children;
  for (std::size_t c = 0; c < children.size(); ++c) {
    const auto op = static_cast<OperatorId>(range.first + c);
    const std::optional<RankBox> run = usual_run(planned, c);
    if (!run) return std::nullopt;
    std::optional<std::vector<PathNode>> path = runs_.path(op, *run);
    if (!path) return std::nullopt;
    // Behind the weights that are streamed.
    children[c].path.insert(children[c].path.end(), path->begin(), path->end());
  }
  return made;
}

StackChoice StackSpace::evaluated(const Tiling& tiling, const FusedStack& stack,
                                  const FusedPlan& planned,
                                  const std::vector<StackPeak>& peaks) const {
  return choice_of(tiling, stack,
                   cost::evaluate_fused(problem_.workload, problem_.arch, stack, planned, peaks));
}

StackChoice StackSpace::choice_of(const Tiling& tiling, const FusedStack& stack,
                                  const cost::FusedEvaluation& evaluation) const {
  StackChoice choice{tiling, evaluation.latency, evaluation.energy, home_traffic(evaluation.ports),
                     inner_occupancy(problem_.arch, evaluation.occupancy)};
  Cycles dispatch{};
  for (const LeafPath& child : stack.children) {
    dispatch = std::max(
        dispatch, cost::dispatch(problem_.workload.operators[child.op], problem_.arch, child.path));
  }
  choice.latency += dispatch;
  return choice;
}

std::optional<StackChoice> StackSpace::bound(const Range& range, Tiling tiling) const {
  const std::optional<WeightStreams::Streamings> ways = streams_.streamings(range, tiling);
  if (!ways) return std::nullopt;
  tiling.streamed = ways->sets.front().set;
  const cost::FusedEvaluation least =
      bounded(range, streams_.streaming(range, tiling, ways->staying));
  StackChoice choice{tiling, least.latency, least.energy, home_traffic(least.ports)};
  const std::int64_t fullest = std::ranges::min(ways->sets, {}, &StreamedSet::peak).peak;
  for (const StackPeak& peak : ways->staying.peaks) {
    if (peak.memory == MemoryId{0}) continue;
    const std::int64_t bits = peak.memory == frames_.memories().weights ? fullest : peak.bits;
    choice.inner_bits += instances(problem_.arch, peak.memory) * bits;
  }
  return choice;
}

std::optional<StackChoice> StackSpace::bound_of_covered(const Range& range,
                                                        const Tiling& tiling) const {
  if (!frames_.is_legal(range, tiling)) return std::nullopt;
  const cost::FusedEvaluation least = bounded(range, room_.planned(range, tiling));
  return StackChoice{tiling, least.latency, least.energy, home_traffic(least.ports)};
}

cost::FusedEvaluation StackSpace::bounded(const Range& range,
                                          const StackRoom::Planned& planned) const {
  // A result that is read as weights may live in a cheaper memory than weights do.
  std::vector<bool> unbounded;
  const bool homes_known = runs_.homes_are(frames_.memories().activations);
  const std::vector<StackTensor>& all = frames_.tensors(range);
  for (std::size_t i = range.first; i <= range.last; ++i) {
    const Operator& op = problem_.workload.operators[static_cast<OperatorId>(i)];
    unbounded.push_back(!homes_known || std::ranges::any_of(op.inputs, [&](const Operand& input) {
      const auto at = std::ranges::find(all, input.tensor, &StackTensor::tensor);
      const bool weight = at->role == StackRole::external && frames_.is_weight(range, input.tensor);
      return (input.role == Role::weight) != weight && !frames_.weights_beside();
    }));
  }
  return cost::fused_bound(problem_.workload, problem_.arch, runs_.machine(), planned.stack,
                           planned.plan, unbounded);
}

std::optional<StackChoice> StackSpace::unlimited(const Range& range, const Tiling& tiling) const {
  const LoopTree bare = frames_.frame(range, tiling);
  if (!frames_.is_legal(range, bare, tiling.inside)) return std::nullopt;
  const FusedPlan planned = plan(problem_.workload, frames_.stack(range, bare, tiling.inside));
  const std::optional<LoopTree> made = filled(range, bare, planned);
  if (!made) return std::nullopt;
  return evaluated(tiling, frames_.stack(range, *made, tiling.inside), planned, {});
}

std::optional<StackChoice> StackSpace::cost_as_streamed(const Range& range,
                                                        const Tiling& tiling) const {
  if (!frames_.is_legal(range, tiling)) return std::nullopt;
  const StackRoom::Planned bare = room_.planned(range, tiling);
  if (!frames_.is_complete(bare.plan)) return std::nullopt;
  const std::optional<LoopTree> made = filled(range, bare.frame, bare.plan);
  if (!made) return std::nullopt;
  const FusedStack whole = frames_.stack(range, *made, tiling.inside);
  const std::vector<StackPeak> peaks =
      stack_peaks(problem_.workload, problem_.arch, whole, bare.plan);
  if (!room_.fits(range, tiling, peaks)) return std::nullopt;
  return evaluated(tiling, whole, bare.plan, peaks);
}

/// Traffic and with it energy grow with the extra bits of a set, and so does the time of the
/// slowest port; nothing is faster than what streams nothing. So it is known what a set cannot
/// beat.
std::vector<StackChoice> StackSpace::costs(const Range& range, const Tiling& tiling) const {
  std::optional<WeightStreams::Streamings> ways = streams_.streamings(range, tiling);
  if (!ways) return {};
  StackRoom::Planned& staying = ways->staying;
  std::optional<LoopTree> made = filled(range, std::move(staying.frame), staying.plan);
  if (!made) return {};
  // Runs' own Stores and sums may want more room.
  staying.frame = std::move(*made);
  staying.stack = frames_.stack(range, staying.frame, tiling.inside);
  staying.peaks = stack_peaks(problem_.workload, problem_.arch, staying.stack, staying.plan);
  const std::vector<StreamedSet> sets = streams_.sets(range, tiling, staying);
  std::vector<StackChoice> found;
  std::vector<StreamedSet> tried;
  StackChoice least;
  if (sets.size() > 1) least = evaluated(tiling, staying.stack, staying.plan, staying.peaks);
  for (const StreamedSet& at : sets) {
    bool beaten = false;
    for (std::size_t i = 0; i < found.size() && !beaten; ++i)
      beaten = as_good(found[i], least) && found[i].home_bits <= least.home_bits &&
               (!less_room_ || tried[i].peak <= at.peak);
    if (beaten) continue;
    Tiling streamed = tiling;
    streamed.streamed = at.set;
    StackRoom::Planned planned = streams_.streaming(range, streamed, staying);
    planned.peaks = stack_peaks(problem_.workload, problem_.arch, planned.stack, planned.plan);
    const cost::FusedEvaluation evaluation = cost::evaluate_fused(
        problem_.workload, problem_.arch, planned.stack, planned.plan, planned.peaks);
    found.push_back(choice_of(streamed, planned.stack, evaluation));
    tried.push_back(at);
    const Cycles dispatch{found.back().latency.value - evaluation.latency.value};
    least.latency = std::max(least.latency, port_time(evaluation) + dispatch);
    least.energy = found.back().energy;
    least.home_bits = found.back().home_bits;
  }
  return found;
}

}  // namespace tileloom::scheduler::exact
