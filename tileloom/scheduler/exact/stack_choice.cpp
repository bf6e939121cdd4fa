#include "tileloom/scheduler/exact/stack_choice.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>

#include "tileloom/cost/dispatch.hpp"
#include "tileloom/loop_tree/boxes.hpp"
#include "tileloom/loop_tree/fused_flow.hpp"
#include "tileloom/loop_tree/fused_occupancy.hpp"
#include "tileloom/loop_tree/fused_rules.hpp"
#include "tileloom/mapper/canonical.hpp"
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

}  // namespace

Overlap overlap_of(const Tiling& tiling, std::size_t place) {
  const auto other = tiling.other_overlaps.find(place);
  return other == tiling.other_overlaps.end() ? tiling.overlap : other->second;
}

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

FusedStack StackSpace::bare(const Range& range) const {
  FusedStack stack;
  for (std::size_t i = range.first; i <= range.last; ++i) {
    stack.children.push_back({static_cast<OperatorId>(i), {}});
  }
  return stack;
}

const StackSpace::RangeTensors& StackSpace::known(const Range& range) const {
  const std::pair<std::size_t, std::size_t> ends{range.first, range.last};
  {
    const std::lock_guard lock(mutex_);
    if (const auto at = tensors_.find(ends); at != tensors_.end()) return at->second;
  }
  RangeTensors found = find_tensors(range);
  const std::lock_guard lock(mutex_);
  return tensors_.emplace(ends, std::move(found)).first->second;
}

bool StackSpace::is_weight(const Range& range, TensorId tensor) const {
  for (std::size_t i = range.first; i <= range.last; ++i) {
    const Operand* operand =
        find_operand(problem_.workload.operators[static_cast<OperatorId>(i)], tensor);
    if (operand != nullptr) return operand->role == Role::weight;
  }
  return false;
}

StackSpace::RangeTensors StackSpace::find_tensors(const Range& range) const {
  RangeTensors found;
  found.all = stack_tensors(problem_.workload, bare(range));
  for (const StackTensor& tensor : found.all) {
    const bool all_weigh = std::ranges::all_of(tensor.readers, [&](std::size_t child) {
      const auto op = static_cast<OperatorId>(range.first + child);
      return find_operand(problem_.workload.operators[op], tensor.tensor)->role == Role::weight;
    });
    if (tensor.role == StackRole::external && all_weigh && memories_.weights != memories_.home)
      found.weights.push_back(tensor.tensor);
    if (tensor.role != StackRole::internal || tensor.used_outside)
      found.homes.push_back(tensor.tensor);
  }
  std::ranges::stable_sort(found.weights, std::greater<>{},
                           [&](TensorId id) { return elements(problem_.workload.tensors[id]); });
  if (found.weights.size() > kMostWeights) found.weights.resize(kMostWeights);
  return found;
}

FusedStack StackSpace::stack(const Range& range, const LoopTree& tree, std::uint32_t inside) const {
  std::vector<PathNode> above;
  for (const Store& home : home_stores(range, inside)) above.push_back(home);
  return fused_stack(problem_.workload, tree, above);
}

bool StackSpace::overlaps(const Range& range, const Tiling& tiling, std::size_t place) const {
  const std::vector<StackTensor>& all = tensors(range);
  return std::ranges::any_of(all[place].readers, [&](std::size_t child) {
    const Operator& op = problem_.workload.operators[static_cast<OperatorId>(range.first + child)];
    const bool halo = std::ranges::any_of(find_operand(op, all[place].tensor)->axes,
                                          [](const Axis& axis) { return axis.terms.size() > 1; });
    if (halo || child + 1 == range.length()) return halo;
    const auto made = std::ranges::find(all, op.output.tensor, &StackTensor::tensor);
    return overlap_of(tiling, static_cast<std::size_t>(made - all.begin())) < most_kept(tiling);
  });
}

std::vector<Tiling> StackSpace::keeping_less(const Range& range, const Tiling& tiling) const {
  const std::vector<StackTensor>& all = tensors(range);
  std::vector<Tiling> found;
  for (std::size_t place = 0; place < all.size(); ++place) {
    const Overlap now = overlap_of(tiling, place);
    if (all[place].role != StackRole::internal || now == Overlap::recompute) continue;
    if (!overlaps(range, tiling, place)) continue;
    Tiling other = tiling;
    other.streamed = 0;
    other.other_overlaps[place] = now == Overlap::all ? Overlap::row : Overlap::recompute;
    found.push_back(std::move(other));
  }
  return found;
}

/// With smaller tiles, what no tile needs need not be computed: a tiling is legal or not. Memories
/// must hold what a tensor is to each of its operators (a product of two activations reads one of
/// them as weights).
bool StackSpace::is_legal(const Range& range, const LoopTree& tree, std::uint32_t inside) const {
  const FusedStack whole = stack(range, tree, inside);
  for (const PathNode& node : whole.path) {
    const Store* store = std::get_if<Store>(&node);
    if (store == nullptr) continue;
    const auto& holds = problem_.arch.memories[store->memory].holds;
    for (std::size_t i = range.first; i <= range.last; ++i) {
      const Operand* operand =
          find_operand(problem_.workload.operators[static_cast<OperatorId>(i)], store->tensor);
      if (operand != nullptr && !holds[static_cast<std::size_t>(operand->role)]) return false;
    }
  }
  return broken_stack_rules(problem_.workload, problem_.arch, tree, whole).empty();
}

bool StackSpace::is_legal(const Range& range, const Tiling& tiling) const {
  const Operator& driver = problem_.workload.operators[static_cast<OperatorId>(range.last)];
  Tiling whole = tiling;
  for (TileLoop& loop : whole.loops) loop.tile = driver.rank(loop.rank).extent;
  return is_legal(range, frame(range, whole), tiling.inside);
}

bool StackSpace::is_complete(const FusedPlan& planned) const {
  for (std::size_t t = 0; t < planned.tensors.size(); ++t) {
    const StackTensor& at = planned.tensors[t];
    if (at.role != StackRole::internal || !at.used_outside) continue;
    Region needed;
    for (const Box& need : planned.need[t]) needed = united(needed, need);
    if (needed.size() != elements(problem_.workload.tensors[at.tensor])) return false;
  }
  return true;
}

std::optional<LoopTree> StackSpace::tree(const Range& range, const Tiling& tiling) const {
  const LoopTree bare = frame(range, tiling);
  return filled(range, bare, plan(problem_.workload, stack(range, bare, tiling.inside)));
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
  const std::optional<Streamings> ways = streamings(range, tiling);
  if (!ways) return std::nullopt;
  tiling.streamed = ways->sets.front().set;
  const cost::FusedEvaluation least = bounded(range, streaming(range, tiling, ways->staying));
  StackChoice choice{tiling, least.latency, least.energy, home_traffic(least.ports)};
  const std::int64_t fullest = std::ranges::min(ways->sets, {}, &StreamedSet::peak).peak;
  for (const StackPeak& peak : ways->staying.peaks) {
    if (peak.memory == MemoryId{0}) continue;
    const std::int64_t bits = peak.memory == memories_.weights ? fullest : peak.bits;
    choice.inner_bits += instances(problem_.arch, peak.memory) * bits;
  }
  return choice;
}

std::optional<StackChoice> StackSpace::bound_of_covered(const Range& range,
                                                        const Tiling& tiling) const {
  if (!is_legal(range, tiling)) return std::nullopt;
  const cost::FusedEvaluation least = bounded(range, planned(range, tiling));
  return StackChoice{tiling, least.latency, least.energy, home_traffic(least.ports)};
}

cost::FusedEvaluation StackSpace::bounded(const Range& range, const Planned& planned) const {
  // A result that is read as weights may live in a cheaper memory than weights do.
  std::vector<bool> unbounded;
  const bool homes_known = runs_.homes_are(memories_.activations);
  const std::vector<StackTensor>& all = tensors(range);
  for (std::size_t i = range.first; i <= range.last; ++i) {
    const Operator& op = problem_.workload.operators[static_cast<OperatorId>(i)];
    unbounded.push_back(!homes_known || std::ranges::any_of(op.inputs, [&](const Operand& input) {
      const auto at = std::ranges::find(all, input.tensor, &StackTensor::tensor);
      const bool weight = at->role == StackRole::external && is_weight(range, input.tensor);
      return (input.role == Role::weight) != weight && !weights_beside();
    }));
  }
  return cost::fused_bound(problem_.workload, problem_.arch, runs_.machine(), planned.stack,
                           planned.plan, unbounded);
}

std::optional<StackChoice> StackSpace::unlimited(const Range& range, const Tiling& tiling) const {
  const LoopTree bare = frame(range, tiling);
  if (!is_legal(range, bare, tiling.inside)) return std::nullopt;
  const FusedPlan planned = plan(problem_.workload, stack(range, bare, tiling.inside));
  const std::optional<LoopTree> made = filled(range, bare, planned);
  if (!made) return std::nullopt;
  return evaluated(tiling, stack(range, *made, tiling.inside), planned, {});
}

std::string StackSpace::text(const Range& range) const {
  std::string text;
  const std::vector<StackTensor>& all = tensors(range);
  for (std::size_t i = range.first; i <= range.last; ++i) {
    const Operator& op = problem_.workload.operators[static_cast<OperatorId>(i)];
    text += mapper::canonical_text(op) + "|";
    for (const Operand* operand : operands(op)) {
      const auto at = std::ranges::find(all, operand->tensor, &StackTensor::tensor);
      text += fmt::format("{}{}{} ", at - all.begin(), at->used_outside ? "o" : "",
                          static_cast<int>(at->role));
    }
  }
  return text;
}

std::string words(const NetworkProblem& problem, const Range& range, const Tiling& tiling) {
  const Operator& driver = problem.workload.operators[static_cast<OperatorId>(range.last)];
  std::string text;
  for (const TileLoop& loop : tiling.loops) {
    text +=
        fmt::format("{}{} in {}", text.empty() ? "" : ", ", driver.rank(loop.rank).name, loop.tile);
  }
  switch (tiling.overlap) {
    case Overlap::recompute:
      text += ", halos recomputed";
      break;
    case Overlap::row:
      text += tiling.loops.size() > 1 ? ", halos kept along the row" : ", halos kept";
      break;
    case Overlap::all:
      text += ", halos kept";
      break;
  }
  if (!tiling.other_overlaps.empty()) {
    const auto again = std::ranges::count(tiling.other_overlaps, Overlap::recompute,
                                          [](const auto& other) { return other.second; });
    text += fmt::format(" (of {}: recomputed", again);
    const auto row = static_cast<std::ptrdiff_t>(tiling.other_overlaps.size()) - again;
    if (row > 0) text += fmt::format(", of {}: along the row", row);
    text += ")";
  }
  if (tiling.inside != 0)
    text += fmt::format(", {} boundaries kept near", std::popcount(tiling.inside));
  if (tiling.streamed != 0)
    text += fmt::format(", {} weights streamed", std::popcount(tiling.streamed));
  return text;
}

}  // namespace tileloom::scheduler::exact
