#include "tileloom/scheduler/exact/stack_choice.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>

#include "tileloom/cost/dispatch.hpp"
#include "tileloom/loop_tree/boxes.hpp"
#include "tileloom/loop_tree/fused_occupancy.hpp"
#include "tileloom/loop_tree/fused_rules.hpp"
#include "tileloom/mapper/canonical.hpp"
#include "tileloom/support/checked.hpp"

namespace tileloom::scheduler::exact {
namespace {

/// Into how many tiles a rank is cut: what lies between changes tiles by less than a quarter.
constexpr std::array<std::int64_t, 13> kCuts = {1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 112};
/// Both ranks are cut into the same number of tiles.
constexpr std::array<std::int64_t, 4> kSquareCuts = {2, 4, 8, 16};

template <std::size_t N>
std::vector<std::int64_t> tiles(std::int64_t extent, const std::array<std::int64_t, N>& cuts) {
  std::vector<std::int64_t> found;
  for (const std::int64_t cut : cuts) {
    const std::int64_t tile = ceil_div(extent, std::min(cut, extent));
    if (found.empty() || found.back() != tile) found.push_back(tile);
  }
  return found;
}

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

std::vector<StackTensor> StackSpace::tensors(const Range& range) const {
  return stack_tensors(problem_.workload, bare(range));
}

bool StackSpace::is_weight(const Range& range, TensorId tensor) const {
  for (std::size_t i = range.first; i <= range.last; ++i) {
    const Operand* operand =
        find_operand(problem_.workload.operators[static_cast<OperatorId>(i)], tensor);
    if (operand != nullptr) return operand->role == Role::weight;
  }
  return false;
}

/// The weights of the range, the largest first.
std::vector<TensorId> StackSpace::weights(const Range& range) const {
  std::vector<TensorId> found;
  for (const StackTensor& tensor : tensors(range)) {
    const bool outside = tensor.role == StackRole::external;
    // What several operators use cannot be fetched by each run of one.
    if (outside && tensor.readers.size() == 1 && is_weight(range, tensor.tensor)) {
      found.push_back(tensor.tensor);
    }
  }
  std::ranges::stable_sort(found, std::greater<>{},
                           [&](TensorId id) { return elements(problem_.workload.tensors[id]); });
  return found;
}

/// The loops and the Stores of the stack's path, with children that are leaves only.
LoopTree StackSpace::frame(const Range& range, const Tiling& tiling) const {
  LoopTree tree;
  const auto driver = static_cast<OperatorId>(range.last);
  const std::vector<TensorId> heavy = weights(range);
  std::vector<PathNode> resident;
  std::vector<PathNode> between;
  std::vector<PathNode> below;
  const std::vector<StackTensor> all = tensors(range);
  const std::vector<TensorId> shared = homes(range);
  for (std::size_t t = 0; t < all.size(); ++t) {
    const StackTensor& tensor = all[t];
    if (tensor.role == StackRole::external && is_weight(range, tensor.tensor)) {
      const auto at = std::ranges::find(heavy, tensor.tensor);
      const bool streams =
          at != heavy.end() && static_cast<std::size_t>(at - heavy.begin()) < tiling.streamed;
      if (!streams) resident.push_back(Store{tensor.tensor, memories_.weights, Keep::overlap});
      continue;
    }
    const auto outside = std::ranges::find(shared, tensor.tensor);
    if (outside != shared.end() && (tiling.inside >> (outside - shared.begin()) & 1U) != 0)
      continue;  // its home is here
    const Overlap overlap = overlap_of(tiling, t);
    const bool recompute = tensor.role == StackRole::internal && overlap == Overlap::recompute;
    const bool early = tensor.role == StackRole::internal && overlap == Overlap::all;
    (early ? between : below)
        .push_back(
            Store{tensor.tensor, memories_.activations, recompute ? Keep::same : Keep::overlap});
  }
  tree.path = resident;
  tree.path.push_back(Loop{driver, tiling.outer, tiling.outer_tile, std::nullopt});
  tree.path.insert(tree.path.end(), between.begin(), between.end());
  if (tiling.inner) {
    tree.path.push_back(Loop{driver, *tiling.inner, tiling.inner_tile, std::nullopt});
  }
  tree.path.insert(tree.path.end(), below.begin(), below.end());
  Sequence sequence;
  for (std::size_t i = range.first; i <= range.last; ++i) {
    sequence.children.push_back({{}, ComputeLeaf{static_cast<OperatorId>(i)}});
  }
  tree.tail = std::move(sequence);
  return tree;
}

FusedStack StackSpace::stack(const Range& range, const LoopTree& tree, std::uint32_t inside) const {
  std::vector<PathNode> above;
  for (const Store& home : home_stores(range, inside)) above.push_back(home);
  return fused_stack(problem_.workload, tree, above);
}

std::vector<Tiling> StackSpace::tilings(const Range& range) const {
  const Operator& driver = problem_.workload.operators[static_cast<OperatorId>(range.last)];
  const std::vector<StackTensor> all = tensors(range);
  // Ranks of the result that move through an intermediate tensor.
  std::vector<RankId> ranks;
  for (const Axis& axis : driver.output.axes) {
    for (const Term& term : axis.terms) {
      const bool moves = std::ranges::any_of(driver.inputs, [&](const Operand& input) {
        const auto tensor = std::ranges::find(all, input.tensor, &StackTensor::tensor);
        return tensor->role == StackRole::internal && relevant(input, term.rank);
      });
      if (moves && driver.rank(term.rank).extent > 1) ranks.push_back(term.rank);
    }
  }
  if (ranks.size() > 2) ranks.erase(ranks.begin(), ranks.end() - 2);
  if (ranks.empty()) return {};
  std::vector<Tiling> found;
  for (const std::int64_t tile : tiles(driver.rank(ranks[0]).extent, kCuts)) {
    found.push_back({ranks[0], tile, std::nullopt, 1, Overlap::row, 0});
    if (tile < driver.rank(ranks[0]).extent) {
      found.push_back({ranks[0], tile, std::nullopt, 1, Overlap::recompute, 0});
    }
  }
  if (ranks.size() == 2) {
    for (const std::int64_t cut : kSquareCuts) {
      const std::int64_t outer = driver.rank(ranks[0]).extent;
      const std::int64_t inner = driver.rank(ranks[1]).extent;
      if (outer < cut || inner < cut) continue;
      for (const Overlap overlap : {Overlap::recompute, Overlap::row, Overlap::all}) {
        found.push_back(
            {ranks[0], ceil_div(outer, cut), ranks[1], ceil_div(inner, cut), overlap, 0});
      }
    }
  }
  if (!is_legal(range, frame(range, found.front()), 0)) return {};
  return found;
}

bool StackSpace::overlaps(const Range& range, const Tiling& tiling, std::size_t place) const {
  const std::vector<StackTensor> all = tensors(range);
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
  const std::vector<StackTensor> all = tensors(range);
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

std::optional<LoopTree> StackSpace::tree(const Range& range, const Tiling& tiling) const {
  const LoopTree bare = frame(range, tiling);
  return filled(range, tiling, bare, plan(problem_.workload, stack(range, bare, tiling.inside)));
}

std::optional<LoopTree> StackSpace::filled(const Range& range, const Tiling& tiling, LoopTree made,
                                           const FusedPlan& planned) const {
  const std::vector<TensorId> heavy = weights(range);
  std::vector<LoopTree>& children = std::get<Sequence>(made.tail).children;
  for (std::size_t c = 0; c < children.size(); ++c) {
    const auto op = static_cast<OperatorId>(range.first + c);
    const std::optional<RankBox> run = usual_run(planned, c);
    if (!run) return std::nullopt;
    std::optional<std::vector<PathNode>> path = runs_.path(op, *run);
    if (!path) return std::nullopt;
    for (std::size_t w = 0; w < tiling.streamed; ++w) {
      if (find_operand(problem_.workload.operators[op], heavy[w]) == nullptr) continue;
      path->insert(path->begin(), Store{heavy[w], memories_.weights, Keep::overlap});
    }
    children[c].path = std::move(*path);
  }
  return made;
}

StackChoice StackSpace::evaluated(const Tiling& tiling, const FusedStack& stack,
                                  const FusedPlan& planned,
                                  const std::vector<StackPeak>& peaks) const {
  const cost::FusedEvaluation evaluation =
      cost::evaluate_fused(problem_.workload, problem_.arch, stack, planned, peaks);
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

std::optional<StackChoice> StackSpace::cost(const Range& range, Tiling tiling) const {
  const std::size_t most = weights(range).size();
  if (!is_legal(range, frame(range, tiling), tiling.inside)) return std::nullopt;
  for (;; ++tiling.streamed) {
    const LoopTree bare = frame(range, tiling);
    const FusedPlan planned = plan(problem_.workload, stack(range, bare, tiling.inside));
    const std::optional<LoopTree> made = filled(range, tiling, bare, planned);
    if (!made) return std::nullopt;
    const FusedStack whole = stack(range, *made, tiling.inside);
    const std::vector<StackPeak> peaks =
        stack_peaks(problem_.workload, problem_.arch, whole, planned);
    bool fits = true;
    bool weights_fit = true;
    const std::int64_t inside = bits_inside(range, tiling.inside);
    for (const StackPeak& peak : peaks) {
      const std::optional<Bits>& capacity = problem_.arch.memories[peak.memory].capacity;
      const std::int64_t homes = peak.memory == memories_.activations ? inside : 0;
      if (!capacity || checked_add(peak.bits, homes) <= capacity->value) continue;
      fits = false;
      if (peak.memory == memories_.weights) weights_fit = false;
    }
    if (fits) return evaluated(tiling, whole, planned, peaks);
    if (weights_fit || tiling.streamed == most) return std::nullopt;
  }
}

std::optional<StackChoice> StackSpace::unlimited(const Range& range, const Tiling& tiling) const {
  const LoopTree bare = frame(range, tiling);
  if (!is_legal(range, bare, tiling.inside)) return std::nullopt;
  const FusedPlan planned = plan(problem_.workload, stack(range, bare, tiling.inside));
  const std::optional<LoopTree> made = filled(range, tiling, bare, planned);
  if (!made) return std::nullopt;
  return evaluated(tiling, stack(range, *made, tiling.inside), planned, {});
}

std::string StackSpace::text(const Range& range) const {
  std::string text;
  const std::vector<StackTensor> all = tensors(range);
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
  std::string text = fmt::format("{} in {}", driver.rank(tiling.outer).name, tiling.outer_tile);
  if (tiling.inner) {
    text += fmt::format(", {} in {}", driver.rank(*tiling.inner).name, tiling.inner_tile);
  }
  switch (tiling.overlap) {
    case Overlap::recompute:
      text += ", halos recomputed";
      break;
    case Overlap::row:
      text += tiling.inner ? ", halos kept along the row" : ", halos kept";
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
  if (tiling.streamed > 0) text += fmt::format(", {} weights streamed", tiling.streamed);
  return text;
}

}  // namespace tileloom::scheduler::exact
