#include "tileloom/scheduler/dlfusion/block_tree.hpp"

#include <algorithm>

#include "tileloom/loop_tree/boxes.hpp"
#include "tileloom/loop_tree/core_parts.hpp"
#include "tileloom/loop_tree/fused_plan.hpp"
#include "tileloom/loop_tree/fused_rules.hpp"
#include "tileloom/scheduler/dlfusion/boxes_tree.hpp"
#include "tileloom/scheduler/dlfusion/child_path.hpp"
#include "tileloom/support/checked.hpp"
#include "tileloom/workload/repeat.hpp"

namespace tileloom::scheduler {
namespace {

class BlockTree {
 public:
  BlockTree(const Workload& workload, std::int64_t images, const NetworkField& field,
            const Architecture& arch, const Block& block, const cost::BlockPlan& plan)
      : workload_(workload),
        images_(images),
        field_(field),
        arch_(arch),
        memories_(block_memories(arch)),
        block_(block),
        plan_(plan),
        driver_(block.operators.back()) {
    for (const Rank& rank : workload.operators[driver_].ranks) left_.push_back(rank.extent);
  }

  LoopTree make() {
    add_cores();
    if (plan_.resident_weights) add_weights();
    add_tiles();
    add_activations();
    Sequence sequence;
    for (const OperatorId op : block_.operators) {
      sequence.children.push_back({points_of(op), ComputeLeaf{op}});
    }
    tree_.tail = std::move(sequence);
    map_parts();
    return std::move(tree_);
  }

 private:
  const OperatorField& field(OperatorId op) const { return field_.operators[op]; }

  void divide(RankId rank, std::int64_t parts, std::optional<AxisId> axis) {
    std::int64_t& left = left_[index(rank)];
    const std::int64_t tile = ceil_div(left, parts);
    if (tile == left) return;
    tree_.path.emplace_back(Loop{driver_, rank, tile, axis});
    left = tile;
  }

  void divide(const PerSplit<std::int64_t>& parts, std::optional<AxisId> axis) {
    for (std::size_t a = 0; a < kSplitAxes; ++a) {
      if (parts[a] > 1 && field(driver_).rank[a]) divide(*field(driver_).rank[a], parts[a], axis);
    }
  }

  /// Cores are numbered through, whatever axes they have.
  void add_cores() {
    for (const AxisId axis : ids<AxisId>(arch_.axes.size())) {
      if (arch_.axes[axis].core) return divide(plan_.cores, axis);
    }
  }

  /// A stack has loops, if only one with one trip.
  void add_tiles() {
    const std::size_t before = tree_.path.size();
    if (images_ > 1) divide(image_rank(workload_.operators[driver_]), images_, std::nullopt);
    divide(plan_.tiles, std::nullopt);
    moves_ = tree_.path.size() > before;
    const auto is_loop = [](const PathNode& node) { return std::holds_alternative<Loop>(node); };
    if (!left_.empty() && std::ranges::none_of(tree_.path, is_loop)) {
      tree_.path.emplace_back(Loop{driver_, RankId{0}, left_.front(), std::nullopt});
    }
  }

  void store(TensorId tensor, Role role, Keep keep, bool single) {
    if (const std::optional<MemoryId> memory = room_of(memories_, role)) {
      tree_.path.emplace_back(Store{tensor, *memory, keep, single});
    }
  }

  /// Weights that stay: one copy of what a core needs.
  void add_weights() {
    std::vector<TensorId> known;
    for (const OperatorId op : block_.operators) {
      for (const Operand& input : workload_.operators[op].inputs) {
        if (workload_.tensors[input.tensor].kind != TensorKind::constant) continue;
        if (std::ranges::find(known, input.tensor) != known.end()) continue;
        known.push_back(input.tensor);
        store(input.tensor, input.role, Keep::overlap, true);
      }
    }
  }

  /// Of every tile anew.
  void add_activations() {
    for (const TensorId id : block_.inputs) store(id, Role::input, Keep::same, !moves_);
    for (const TensorId id : block_.inside) store(id, Role::output, Keep::same, true);
    for (const TensorId id : block_.outputs) store(id, Role::output, Keep::same, !moves_);
  }

  /// What the loops of the stack leave of the operator's ranks.
  std::vector<std::int64_t> extents(OperatorId op) const {
    if (op == driver_) return left_;
    std::vector<std::int64_t> whole;
    for (const Rank& rank : workload_.operators[op].ranks) whole.push_back(rank.extent);
    return whole;
  }

  std::vector<PathNode> points_of(OperatorId op) const {
    const std::vector<std::int64_t> all = extents(op);
    return child_path(workload_, arch_, op, std::nullopt, all, all, 0);
  }

  /// What the operators share with others, in the memory above the cores.
  std::vector<PathNode> homes() const {
    std::vector<PathNode> stores;
    for (const TensorId tensor : ids<TensorId>(workload_.tensors.size())) {
      if (std::ranges::find(block_.inside, tensor) != block_.inside.end()) continue;
      stores.emplace_back(Store{tensor, memories_.shared});
    }
    return stores;
  }

  /// Now that the parts are known: the operators' own paths.
  void map_parts() {
    if (!is_fused(tree_)) return;  // of a driver without ranks
    const FusedStack stack = fused_stack(workload_, tree_, homes());
    // A block that is no stack is described by whoever checks the whole tree.
    if (!broken_stack_rules(workload_, arch_, tree_, stack).empty()) return;
    std::vector<std::vector<std::int64_t>> lengths(block_.operators.size());
    for_each_core(workload_, stack, [&](const Workload& part, const FusedStack& mine) {
      const FusedPlan made = tileloom::plan(part, mine);
      for (std::size_t c = 0; c < lengths.size(); ++c) {
        const std::vector<std::int64_t> here = largest_run(made, c);
        if (lengths[c].empty()) lengths[c].assign(here.size(), 1);
        for (std::size_t r = 0; r < here.size(); ++r) {
          lengths[c][r] = std::max(lengths[c][r], here[r]);
        }
      }
    });
    for (std::size_t c = 0; c < lengths.size(); ++c) {
      const OperatorId op = block_.operators[c];
      // One that never runs, as nobody reads what it makes.
      if (lengths[c].empty()) lengths[c].assign(workload_.operators[op].ranks.size(), 1);
      std::get<Sequence>(tree_.tail).children[c].path = child_path(
          workload_, arch_, op, field(op).rank[static_cast<std::size_t>(SplitAxis::channels)],
          lengths[c], extents(op), plan_.resident_weights ? 0 : plan_.pieces);
    }
  }

  const Workload& workload_;
  std::int64_t images_;
  const NetworkField& field_;
  const Architecture& arch_;
  BlockMemories memories_;
  const Block& block_;
  const cost::BlockPlan& plan_;
  OperatorId driver_;
  std::vector<std::int64_t> left_;  ///< of the driver's ranks
  bool moves_ = false;              ///< more than one tile
  LoopTree tree_;
};

/// Homes of everything that no block keeps to itself, above the segments.
class NetworkTree {
 public:
  NetworkTree(const FusionProblem& problem, const Architecture& arch, std::int64_t images)
      : problem_(problem), arch_(arch), images_(images) {
    made_.workload = repeated(problem.workload, images);
  }

  LoopTree block(const std::vector<UnitId>& units, const cost::BlockPlan& plan) {
    const Block block = block_of(problem_.workload, problem_.units, units);
    if (!plan.boxes.empty()) {
      return boxes_tree(made_.workload, images_, arch_, problem_.network.field, block, plan);
    }
    inside_.insert(inside_.end(), block.inside.begin(), block.inside.end());
    return block_tree(made_.workload, images_, problem_.network.field, arch_, block, plan);
  }

  ScheduleTree close(std::vector<LoopTree> segments) {
    LoopTree tree;
    for (const TensorId tensor : ids<TensorId>(made_.workload.tensors.size())) {
      const bool used = std::ranges::any_of(made_.workload.operators, [&](const Operator& op) {
        return find_operand(op, tensor) != nullptr;
      });
      if (!used || std::ranges::find(inside_, tensor) != inside_.end()) continue;
      tree.path.emplace_back(Store{tensor, block_memories(arch_).shared});
    }
    // Operators of a block in boxes follow one another.
    std::vector<LoopTree> children;
    for (LoopTree& segment : segments) {
      Sequence* const inner = std::get_if<Sequence>(&segment.tail);
      if (inner != nullptr && !is_fused(segment)) {
        for (LoopTree& child : inner->children) children.push_back(std::move(child));
      } else {
        children.push_back(std::move(segment));
      }
    }
    tree.tail = Sequence{std::move(children)};
    made_.violations = check(made_.workload, arch_, tree);
    if (made_.violations.empty()) made_.tree = std::move(tree);
    return std::move(made_);
  }

 private:
  const FusionProblem& problem_;
  const Architecture& arch_;
  std::int64_t images_;
  std::vector<TensorId> inside_;
  ScheduleTree made_;
};

/// True if a memory holds what cores share; else why there is no tree.
bool cores_share_a_memory(const Architecture& arch, ScheduleTree& made) {
  if (block_memories(arch).above > 0) return true;
  made.violations = {{Violation::Kind::structure, "no memory stands above the cores",
                      "put one there for what they share"}};
  return false;
}

}  // namespace

LoopTree block_tree(const Workload& workload, std::int64_t images, const NetworkField& field,
                    const Architecture& arch, const Block& block, const cost::BlockPlan& plan) {
  return BlockTree(workload, images, field, arch, block, plan).make();
}

ScheduleTree tree_of(const FusionProblem& problem, const Architecture& arch, const Fusion& fusion) {
  ScheduleTree none;
  if (!cores_share_a_memory(arch, none)) return none;
  NetworkTree network(problem, arch, 1);
  std::vector<LoopTree> blocks;
  for (const FusedBlock& block : fusion.blocks) {
    blocks.push_back(network.block(block.units, block.choice.plan));
  }
  return network.close(std::move(blocks));
}

ScheduleTree tree_of(const FusionProblem& problem, const Architecture& arch,
                     const Pipelined& schedule) {
  ScheduleTree none;
  if (!cores_share_a_memory(arch, none)) return none;
  NetworkTree network(problem, arch, schedule.images);
  std::vector<LoopTree> segments;
  for (const Segment& segment : schedule.segments) {
    if (segment.repeated) {
      segments.push_back(network.block(segment.repeated->units, segment.repeated->choice.plan));
      continue;
    }
    Parallel stages;
    for (const PipelineBlock& stage : segment.stages) {
      stages.children.push_back(network.block(stage.units, stage.choice.plan));
    }
    if (stages.children.size() == 1) {
      segments.push_back(std::move(stages.children.front()));
    } else {
      segments.push_back({{}, std::move(stages)});
    }
  }
  return network.close(std::move(segments));
}

}  // namespace tileloom::scheduler
