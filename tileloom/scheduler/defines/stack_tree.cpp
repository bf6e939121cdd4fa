#include "tileloom/scheduler/defines/stack_tree.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "tileloom/cost/dispatch.hpp"
#include "tileloom/loop_tree/boxes.hpp"
#include "tileloom/loop_tree/fused_occupancy.hpp"
#include "tileloom/loop_tree/fused_rules.hpp"
#include "tileloom/scheduler/defines/common_machine.hpp"

namespace tileloom::scheduler::defines {
namespace {

using cost::defines2022::Dim;

/// The tile type that occurs most among those of whole tiles.
std::size_t usual_type(const StackRun& run) {
  const auto most = std::ranges::max_element(run.plan.types, {}, [](const TileType& type) {
    return std::pair(type.tile.x * type.tile.y, type.count);
  });
  return static_cast<std::size_t>(most - run.plan.types.begin());
}

/// Tensors that may live no further inside than a memory.
using Bounds = std::map<TensorId, MemoryId>;

/// Whether the stack's inputs are cached along y as well. If not, their rows are fetched again.
enum class InputRows : std::uint8_t { kept, fetched_again };

/// A Store and whether it stands above the inner loop.
struct Kept {
  Store store;
  bool between = false;
};

class Frame {
 public:
  Frame(const StackSource& source, const StackRun& run, Mode mode, InputRows rows,
        const Bounds& bounds)
      : source_(source),
        workload_(source.problem.workload),
        arch_(source.problem.arch),
        run_(run),
        mode_(mode),
        rows_(rows),
        bounds_(bounds),
        type_(usual_type(run)) {}

  LoopTree tree() {
    LoopTree made;
    Sequence sequence;
    for (const NodeId id : ids<NodeId>(run_.graph.nodes.size()))
      if (run_.graph.nodes[id].layer)
        sequence.children.push_back({{}, ComputeLeaf{operator_of(id)}});
    made.tail = std::move(sequence);
    std::vector<PathNode> above, between, below;
    for (const StackTensor& tensor : stack_tensors(workload_, fused_stack(workload_, made, {}))) {
      if (tensor.role == StackRole::result) continue;
      if (workload_.tensors[tensor.tensor].kind == TensorKind::constant) {
        if (const MemoryId memory = weight_memory(tensor); memory != MemoryId{0})
          above.push_back(Store{tensor.tensor, memory, Keep::overlap});
        continue;
      }
      for (const Kept& kept : activation(tensor))
        (kept.between ? between : below).push_back(kept.store);
    }
    made.path = std::move(above);
    add_loop(made, Dim::OY, tile_height());
    made.path.insert(made.path.end(), between.begin(), between.end());
    add_loop(made, Dim::OX, tile_width());
    made.path.insert(made.path.end(), below.begin(), below.end());
    return made;
  }

 private:
  OperatorId operator_of(NodeId id) const {
    return *source_.segment.op[*run_.graph.nodes[id].layer];
  }
  std::int64_t tile_width() const { return run_.plan.types[type_].tile.x; }
  std::int64_t tile_height() const { return run_.plan.types[type_].tile.y; }

  /// Loops over the driver's map. One always stands: it makes the Sequence a stack.
  void add_loop(LoopTree& made, Dim dim, std::int64_t tile) const {
    const NodeId end = run_.graph.end();
    const OperatorId driver = operator_of(end);
    const LoopRanks& ranks = source_.segment.ranks[*run_.graph.nodes[end].layer];
    const std::optional<RankId>& rank = ranks[static_cast<std::size_t>(dim)];
    const bool first = dim == Dim::OY;
    const std::int64_t extent = rank ? workload_.operators[driver].rank(*rank).extent : 1;
    if (!first && (!rank || tile >= extent)) return;
    made.path.push_back(Loop{driver, rank.value_or(RankId{0}),
                             rank ? std::min(tile, extent)
                                  : workload_.operators[driver].rank(RankId{0}).extent,
                             std::nullopt});
  }

  /// The next memory outwards that is one instance and may hold the tensor for all its users.
  MemoryId outwards(const StackTensor& tensor, MemoryId memory) const {
    if (const auto bound = bounds_.find(tensor.tensor); bound != bounds_.end())
      memory = std::min(memory, bound->second);
    for (std::size_t m = index(memory); m > 0; --m) {
      const auto id = static_cast<MemoryId>(m);
      if (instances(arch_, id) == 1 && may_hold(tensor, id)) return id;
    }
    return MemoryId{0};
  }
  bool may_hold(const StackTensor& tensor, MemoryId memory) const {
    for (const auto& users : {tensor.writers, tensor.readers})
      for (const std::size_t child : users) {
        const Operator& op = workload_.operators[child_operator(child)];
        const Role role = find_operand(op, tensor.tensor)->role;
        if (!arch_.memories[memory].holds[static_cast<std::size_t>(role)]) return false;
      }
    return true;
  }
  OperatorId child_operator(std::size_t child) const { return operator_of(node_of(child)); }
  NodeId node_of(std::size_t child) const {
    for (const NodeId id : ids<NodeId>(run_.graph.nodes.size()))
      if (run_.graph.nodes[id].layer && child-- == 0) return id;
    return run_.graph.end();
  }

  MemoryId weight_memory(const StackTensor& tensor) const {
    if (!run_.plan.w) return MemoryId{0};
    return outwards(tensor, memory_of(arch_, *run_.plan.w));
  }

  MemoryId top(NodeId id, MemoryOperand operand) const {
    const LayerTile& tile = *run_.tiles[type_].nodes[index(id)].tile;
    return memory_of(arch_, source_.exploration.hierarchy()
                                .memories[operand][static_cast<std::size_t>(tile.top[operand])]);
  }

  /// The outermost memory that a maker or user of the tile was given.
  MemoryId tile_memory(const StackTensor& tensor) const {
    MemoryId memory = static_cast<MemoryId>(arch_.memories.size() - 1);
    for (const std::size_t child : tensor.writers)
      memory = std::min(memory, top(node_of(child), MemoryOperand::O));
    for (const std::size_t child : tensor.readers)
      memory = std::min(memory, top(node_of(child), MemoryOperand::I1));
    return outwards(tensor, memory);
  }

  /// The Stores of an activation, outermost first, without a home.
  std::vector<Kept> activation(const StackTensor& tensor) const {
    const TileType& type = run_.plan.types[type_];
    const bool outside = tensor.role == StackRole::external;
    const MemoryId tile = tile_memory(tensor);
    std::vector<Kept> chain;
    const auto add = [&](MemoryId memory, Keep keep, bool between) {
      const bool inwards = chain.empty() || chain.back().store.memory < memory;
      // The home is the outermost memory's Store of what comes from or goes outside.
      const bool is_home = memory == MemoryId{0} && (outside || tensor.used_outside);
      if (inwards && !is_home) chain.push_back({{tensor.tensor, memory, keep}, between});
    };
    if (mode_ == Mode::fully_recompute) {
      add(tile, Keep::same, false);
      return chain;
    }
    const std::optional<MemoryIndex>& h = type.h_make ? type.h_make : type.h_use;
    const MemoryId columns =
        h ? std::min(tile, outwards(tensor, memory_of(arch_, *h))) : tile;
    const bool rows = mode_ == Mode::fully_cached && !(outside && rows_ == InputRows::fetched_again);
    if (rows) {
      const MemoryId of_rows =
          run_.plan.v ? std::min(columns, outwards(tensor, memory_of(arch_, *run_.plan.v))) : columns;
      add(of_rows, Keep::overlap, true);
    }
    add(columns, Keep::overlap, false);
    add(tile, Keep::same, false);
    return chain;
  }

  const StackSource& source_;
  const Workload& workload_;
  const Architecture& arch_;
  const StackRun& run_;
  Mode mode_;
  InputRows rows_;
  const Bounds& bounds_;
  std::size_t type_;
};

/// The stack with the homes of what comes from or goes outside.
FusedStack whole_stack(const Workload& workload, const LoopTree& tree) {
  std::vector<PathNode> homes;
  for (const StackTensor& tensor : stack_tensors(workload, fused_stack(workload, tree, {})))
    if (tensor.role != StackRole::internal || tensor.used_outside)
      homes.push_back(Store{tensor.tensor, MemoryId{0}, Keep::overlap});
  return fused_stack(workload, tree, homes);
}

bool fits(const Architecture& arch, const std::vector<StackPeak>& peaks) {
  return std::ranges::all_of(peaks, [&](const StackPeak& peak) {
    const std::optional<Bits>& capacity = arch.memories[peak.memory].capacity;
    return !capacity || peak.bits <= capacity->value;
  });
}

/// Where the child's tensors live, and what the stack leaves of each memory.
RunPlace place_of(const NetworkProblem& problem, const FusedStack& stack, OperatorId op,
                  const std::vector<StackPeak>& peaks) {
  RunPlace place;
  for (const PathNode& node : stack.path)
    if (const Store* store = std::get_if<Store>(&node);
        store && find_operand(problem.workload.operators[op], store->tensor))
      place.homes[store->tensor] = store->memory;
  for (const StackPeak& peak : peaks)
    if (const std::optional<Bits>& capacity = problem.arch.memories[peak.memory].capacity)
      place.room[peak.memory] = std::max<std::int64_t>(0, capacity->value - peak.bits);
  return place;
}

std::string words_of(const StackRun& run, Mode mode) {
  const Extent tile = run.plan.types[usual_type(run)].tile;
  return fmt::format("{}x{}, {}", tile.x, tile.y, short_name(mode));
}

/// One try to make the tree, and what stands in its way.
class TreeMaking {
 public:
  TreeMaking(const StackSource& source, const StackRun& run, Mode mode, InputRows rows,
          PlacedRunMapper& runs)
      : source_(source), problem_(source.problem), run_(run), mode_(mode), rows_(rows), runs_(runs) {}

  std::optional<StackPart> part() {
    constexpr int kMostMoves = 40;
    for (int moves = 0; moves < kMostMoves; ++moves) {
      LoopTree tree = Frame(source_, run_, mode_, rows_, bounds_).tree();
      const FusedStack bare = whole_stack(problem_.workload, tree);
      if (!broken_stack_rules(problem_.workload, problem_.arch, tree, bare).empty())
        return std::nullopt;
      const FusedPlan planned = plan(problem_.workload, bare);
      const auto before = stack_peaks(problem_.workload, problem_.arch, bare, planned);
      if (move_outwards(bare, before)) continue;
      if (!fits(problem_.arch, before) || !map_children(tree, bare, planned, before))
        return std::nullopt;
      const FusedStack whole = whole_stack(problem_.workload, tree);
      const auto peaks = stack_peaks(problem_.workload, problem_.arch, whole, planned);
      if (fits(problem_.arch, peaks)) return made(std::move(tree), whole, planned, peaks);
      if (!move_outwards(bare, peaks)) return std::nullopt;
    }
    return std::nullopt;
  }

 private:
  /// The largest tenant with a Store on the stack's path leaves a memory that is too small for the
  /// next one outwards. False if there is none, or all fits.
  bool move_outwards(const FusedStack& bare, const std::vector<StackPeak>& peaks) {
    for (const StackPeak& peak : peaks) {
      const std::optional<Bits>& capacity = problem_.arch.memories[peak.memory].capacity;
      if (!capacity || peak.bits <= capacity->value || peak.memory == MemoryId{0}) continue;
      const StackOccupant* largest = nullptr;
      for (const StackOccupant& one : peak.occupants) {
        const bool on_path = std::ranges::any_of(bare.path, [&](const PathNode& node) {
          const Store* store = std::get_if<Store>(&node);
          return store && store->tensor == one.tensor && store->memory == peak.memory;
        });
        if (on_path && (largest == nullptr || one.bits > largest->bits)) largest = &one;
      }
      if (largest == nullptr || largest->bits == 0) return false;
      bounds_[largest->tensor] = static_cast<MemoryId>(index(peak.memory) - 1);
      return true;
    }
    return false;
  }

  bool map_children(LoopTree& tree, const FusedStack& bare, const FusedPlan& planned,
                    const std::vector<StackPeak>& before) {
    std::vector<LoopTree>& children = std::get<Sequence>(tree.tail).children;
    for (std::size_t c = 0; c < children.size(); ++c) {
      const OperatorId op = bare.children[c].op;
      const std::optional<RankBox> usual = most_frequent_run(planned, c);
      if (!usual) return false;
      auto path = runs_.path(op, *usual, place_of(problem_, bare, op, before));
      if (!path) return false;
      children[c].path = *std::move(path);
    }
    return true;
  }

  StackPart made(LoopTree tree, const FusedStack& whole, const FusedPlan& planned,
                 const std::vector<StackPeak>& peaks) const {
    StackPart part;
    part.fused =
        cost::evaluate_fused(problem_.workload, problem_.arch, whole, planned, peaks);
    part.latency = part.fused->latency;
    part.energy = part.fused->energy;
    Cycles dispatch{};
    for (const LeafPath& child : whole.children) {
      part.operators.push_back(child.op);
      dispatch = std::max(dispatch, cost::dispatch(problem_.workload.operators[child.op],
                                                   problem_.arch, child.path));
    }
    part.latency += dispatch;
    part.tree = std::move(tree);
    part.tiling = words_of(run_, mode_);
    return part;
  }

  const StackSource& source_;
  const NetworkProblem& problem_;
  const StackRun& run_;
  Mode mode_;
  InputRows rows_;
  PlacedRunMapper& runs_;
  Bounds bounds_;
};

}  // namespace

std::optional<StackPart> stack_part(const StackSource& source, const StackRun& run, Mode mode,
                                    PlacedRunMapper& runs) {
  std::optional<StackPart> part = TreeMaking(source, run, mode, InputRows::kept, runs).part();
  if (mode != Mode::fully_cached) return part;
  std::optional<StackPart> other = TreeMaking(source, run, mode, InputRows::fetched_again, runs).part();
  const cost::Objective& objective = source.problem.objective;
  const auto score = [&](const StackPart& one) {
    return cost::score(objective, one.latency, one.energy);
  };
  return part && (!other || score(*part) <= score(*other)) ? part : other;
}

}  // namespace tileloom::scheduler::defines
