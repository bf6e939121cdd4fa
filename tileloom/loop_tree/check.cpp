#include "tileloom/loop_tree/check.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

#include "tileloom/loop_tree/boxes.hpp"
#include "tileloom/loop_tree/core_parts.hpp"
#include "tileloom/loop_tree/flat_tree.hpp"
#include "tileloom/loop_tree/fused_occupancy.hpp"
#include "tileloom/loop_tree/ids_exist.hpp"
#include "tileloom/loop_tree/images.hpp"
#include "tileloom/loop_tree/overfull.hpp"
#include "tileloom/loop_tree/path_loops.hpp"
#include "tileloom/loop_tree/path_rules.hpp"
#include "tileloom/support/checked.hpp"

namespace tileloom {
namespace {

using Violations = std::vector<Violation>;
using Leaf = FlatTree::Leaf;

/// Positions of the cores that a path uses, Π trips of its loops on axes of cores.
std::int64_t positions(const CheckedPath& at, const std::vector<AxisId>& axes) {
  std::int64_t used = 1;
  for (const PathLoop& at_loop : path_loops(at.workload.operators[at.op], at.path)) {
    const std::optional<AxisId>& axis = at_loop.loop.axis;
    if (axis && std::ranges::find(axes, *axis) != axes.end()) {
      used = checked_mul(used, at_loop.trips);
    }
  }
  return used;
}

class Checker {
 public:
  Checker(const Workload& workload, const Architecture& arch) : workload_(workload), arch_(arch) {}

  Violations check(const LoopTree& tree) {
    if (!ids_exist(workload_, arch_, tree)) {
      wrong({}, "the tree names things that the workload or the architecture does not have",
            "use the workload and the architecture it was made for");
      return violations_;
    }
    flat_ = flat_tree(workload_, arch_, tree);
    violations_ = flat_.violations;
    check_homes();
    check_order();
    check_disjoint();
    for (const Leaf& leaf : flat_.leaves) {
      if (leaf.stack && !flat_.stacks[*leaf.stack].sound) continue;
      for (Violation& violation : broken_rules(checked(leaf))) {
        wrong(leaf.op, std::move(violation.what), std::move(violation.hint));
      }
    }
    if (!violations_.empty()) return violations_;
    for (const Leaf& leaf : flat_.leaves) {
      check_fanout(leaf);
      if (!leaf.stack) check_capacity(leaf);
    }
    check_cores(tree);
    for (const FlatTree::Stack& part : flat_.stacks) {
      if (cores_of(workload_, part.stack) <= cores(arch_)) check_capacity(part);
    }
    return violations_;
  }

 private:
  CheckedPath checked(const Leaf& leaf) const {
    return {workload_, arch_, leaf.op, leaf.path, leaf.stack.has_value()};
  }

  void report(Violation::Kind kind, std::optional<OperatorId> op, std::string what,
              std::string hint) {
    if (op && flat_.leaves.size() > 1) what = workload_.operators[*op].name + ": " + what;
    violations_.push_back({kind, std::move(what), std::move(hint)});
  }
  void wrong(std::optional<OperatorId> op, std::string what, std::string hint) {
    report(Violation::Kind::structure, op, std::move(what), std::move(hint));
  }

  /// True if all leaves that use the tensor stand in one stack, which stores it itself.
  bool stored_in_stack(TensorId tensor) const {
    std::optional<std::size_t> stack;
    for (const Leaf& leaf : flat_.leaves) {
      if (find_operand(workload_.operators[leaf.op], tensor) == nullptr) continue;
      if (!leaf.stack || (stack && *stack != *leaf.stack)) return false;
      stack = leaf.stack;
    }
    // Where it is not stored as it should be, the rules of stacks have said so.
    return stack.has_value();
  }

  /// A tensor has one home; what several operators use has it above all of them.
  void check_homes() {
    std::set<TensorId> shared;
    for (const FlatTree::Home& home : flat_.homes) {
      const std::string& name = workload_.tensors[home.store.tensor].name;
      if (!shared.insert(home.store.tensor).second) {
        wrong({}, fmt::format("{} is stored twice above sequences", name),
              "store it once above the sequence and again in the children");
      } else if (!home.used) {
        wrong({},
              fmt::format("{} is stored above a sequence none of whose operators uses it", name),
              "leave the store out");
      }
    }
    for (const TensorId tensor : ids<TensorId>(workload_.tensors.size())) {
      const auto uses = [&](const Leaf& leaf) {
        return find_operand(workload_.operators[leaf.op], tensor) != nullptr;
      };
      if (shared.contains(tensor) || std::ranges::count_if(flat_.leaves, uses) < 2) continue;
      if (stored_in_stack(tensor)) continue;
      wrong({},
            fmt::format("{} is used by several operators but not stored above them",
                        workload_.tensors[tensor].name),
            "store it above the sequence");
    }
  }

  /// Producers run before consumers, every operator once.
  void check_order() {
    for (std::size_t i = 0; i < flat_.leaves.size(); ++i) {
      const Operator& op = workload_.operators[flat_.leaves[i].op];
      for (std::size_t j = i + 1; j < flat_.leaves.size(); ++j) {
        const Operator& later = workload_.operators[flat_.leaves[j].op];
        const bool together = at_the_same_time(flat_.leaves[i], flat_.leaves[j]);
        if (flat_.leaves[i].op == flat_.leaves[j].op) {
          wrong({}, fmt::format("{} is computed twice", op.name), "keep one of its leaves");
        } else if (reads(op, later.output.tensor) ||
                   (together && reads(later, op.output.tensor) &&
                    !hands_on(flat_.leaves[i], flat_.leaves[j], op.output.tensor))) {
          const bool backwards = reads(op, later.output.tensor);
          const Operator& producer = backwards ? later : op;
          wrong({},
                fmt::format("{} reads {}, which {} writes {}", (backwards ? op : later).name,
                            workload_.tensors[producer.output.tensor].name, producer.name,
                            together ? "at the same time" : "only later"),
                "compute producers before consumers");
        }
      }
    }
  }

  /// Leaves of one child of a Parallel run in their order if a stack holds them.
  static bool at_the_same_time(const Leaf& a, const Leaf& b) {
    return a.turn == b.turn && !(a.stack && a.stack == b.stack);
  }

  /// A pipeline: the later child of a Parallel reads image by image what the earlier one writes.
  bool hands_on(const Leaf& from, const Leaf& to, TensorId tensor) const {
    if (!from.branch || !to.branch || from.branch == to.branch) return false;
    for (const Leaf* leaf : {&from, &to}) {
      if (leaf->stack && !flat_.stacks[*leaf->stack].sound) return false;
    }
    const auto part = [&](const Leaf& leaf) {
      const FlatTree::Branch& branch = flat_.branches[*leaf.branch];
      return ParallelChild{*branch.tree, branch.homes};
    };
    return passes_images_on(workload_, part(from), part(to), tensor);
  }

  /// Children of a Parallel have nothing of their own in memories that all cores share.
  void check_disjoint() {
    const auto outermost = std::ranges::find(arch_.axes, true, &SpatialAxis::core);
    if (outermost == arch_.axes.end()) return;
    for (const Leaf& leaf : flat_.leaves) {
      for (const PathNode& node : leaf.path) {
        const Store* store = std::get_if<Store>(&node);
        if (!leaf.branch || store == nullptr || index(store->memory) >= outermost->below) continue;
        if (std::ranges::find(flat_.homes, *store, &FlatTree::Home::store) != flat_.homes.end())
          continue;
        wrong(leaf.op,
              fmt::format("{} stands in one child of a parallel, but all of them share {}",
                          quote(checked(leaf), node), arch_.memories[store->memory].name),
              "store the tensor there above the parallel");
      }
    }
  }

  static bool reads(const Operator& op, TensorId tensor) {
    return std::ranges::any_of(op.inputs, [&](const Operand& o) { return o.tensor == tensor; });
  }

  /// Rule 6: the trips of all loops on one axis multiply to at most the axis's size.
  void check_fanout(const Leaf& leaf) {
    for (const AxisId id : ids<AxisId>(arch_.axes.size())) {
      const SpatialAxis& axis = arch_.axes[id];
      // The cores of a stack are numbered through: check_cores counts them.
      if (axis.core && one_level_of_cores(arch_) && leaf.stack &&
          on_cores(flat_.stacks[*leaf.stack].stack))
        continue;
      const std::int64_t used = positions(checked(leaf), {id});
      if (used <= axis.size) continue;
      std::vector<std::string> loops;
      for (const PathNode& node : leaf.path) {
        const Loop* loop = std::get_if<Loop>(&node);
        if (loop != nullptr && loop->axis == id) loops.push_back(quote(checked(leaf), node));
      }
      report(Violation::Kind::fanout, leaf.op,
             fmt::format("axis {} has {} positions, but {} use {}", axis.name, axis.size,
                         fmt::join(loops, " and "), used),
             "use larger tiles in space, or make a loop temporal");
    }
  }

  /// Children of a Parallel run on cores of their own.
  void check_cores(const LoopTree& tree) {
    if (is_single_path(tree)) return;
    std::vector<AxisId> axes;
    for (const AxisId id : ids<AxisId>(arch_.axes.size())) {
      if (arch_.axes[id].core) axes.push_back(id);
    }
    std::size_t next = 0;
    const std::int64_t existing = cores(arch_);
    const std::int64_t used = most_cores(tree, axes, next);
    if (used <= existing) return;
    report(Violation::Kind::fanout, {},
           fmt::format("{} cores are used at the same time, but there are {}", used, existing),
           "run fewer children in parallel, or give each fewer cores");
  }

  /// Leaves are numbered in the order of `flat_.leaves`.
  std::int64_t most_cores(const LoopTree& tree, const std::vector<AxisId>& cores,
                          std::size_t& next) const {
    if (is_single_path(tree)) return positions(checked(flat_.leaves[next++]), cores);
    std::int64_t most = 0;
    std::int64_t sum = 0;
    const Sequence* sequence = std::get_if<Sequence>(&tree.tail);
    for (const LoopTree& child :
         sequence != nullptr ? sequence->children : std::get<Parallel>(tree.tail).children) {
      const std::int64_t used = most_cores(child, cores, next);
      most = std::max(most, used);
      sum = checked_add(sum, used);
    }
    return sequence != nullptr ? most : sum;
  }

  /// What lives while a leaf runs: its own Stores, and the shared homes that are needed before or
  /// after, whole.
  std::vector<Occupant> occupants(const Leaf& leaf) const {
    std::vector<Occupant> found = living_homes(leaf.turn);
    const Operator& op = workload_.operators[leaf.op];
    for (std::size_t i = 0; i < leaf.path.size(); ++i) {
      const Store* store = std::get_if<Store>(&leaf.path[i]);
      if (store == nullptr) continue;
      const bool counted = std::ranges::any_of(flat_.homes, [&](const FlatTree::Home& home) {
        return home.store.tensor == store->tensor && home.store.memory == store->memory;
      });
      if (counted) continue;
      const std::int64_t bits =
          checked_mul(largest_box(op, arch_, leaf.path, i), element_bits(op, leaf.path, i));
      found.push_back({store->memory, store->tensor, checked_mul(bits, copies(arch_, *store))});
    }
    return found;
  }

  std::vector<Occupant> living_homes(std::size_t turn) const {
    std::vector<Occupant> found;
    for (const FlatTree::Home& home : flat_.homes) {
      const Tensor& tensor = workload_.tensors[home.store.tensor];
      const bool from_start =
          tensor.kind == TensorKind::input || tensor.kind == TensorKind::constant;
      const bool to_end = tensor.kind == TensorKind::output;
      if ((turn < home.first && !from_start) || (turn > home.last && !to_end)) continue;
      const std::int64_t bits = checked_mul(elements(tensor), tensor.bits);
      found.push_back(
          {home.store.memory, home.store.tensor, checked_mul(bits, copies(arch_, home.store))});
    }
    return found;
  }

  /// Rule 8: what lives in one instance of a memory fits it. (O1)
  void check_capacity(const Leaf& leaf) {
    const std::vector<Occupant> all = occupants(leaf);
    for (const MemoryId id : ids<MemoryId>(arch_.memories.size())) {
      check_capacity(leaf.op, id, all);
    }
  }

  /// (F6): the homes from outside, and the fullest moment of what the stack stores itself.
  void check_capacity(const FlatTree::Stack& part) {
    const std::vector<StackPeak> peaks = peaks_of_fullest_cores(workload_, arch_, part.stack);
    for (const MemoryId id : ids<MemoryId>(arch_.memories.size())) {
      std::vector<Occupant> all = living_homes(part.turn);
      OperatorId op = part.stack.driver();
      for (const StackPeak& peak : peaks) {
        if (peak.memory != id) continue;
        op = part.stack.children[peak.child].op;
        for (const StackOccupant& at : peak.occupants) all.push_back({id, at.tensor, at.bits});
      }
      check_capacity(op, id, all);
    }
  }

  void check_capacity(OperatorId op, MemoryId id, const std::vector<Occupant>& all) {
    const Memory& memory = arch_.memories[id];
    if (!memory.capacity) return;
    std::int64_t used = 0;
    std::vector<Occupant> here;
    for (const Occupant& occupant : all) {
      if (occupant.memory != id) continue;
      used = checked_add(used, occupant.bits);
      here.push_back(occupant);
    }
    if (used <= memory.capacity->value) return;
    const Occupant& most = *std::ranges::max_element(here, {}, &Occupant::bits);
    const bool home = std::ranges::any_of(flat_.homes, [&](const FlatTree::Home& shared) {
      return shared.store.tensor == most.tensor && shared.store.memory == most.memory;
    });
    Violation full = overfull(workload_, memory, here, home);
    report(full.kind, op, std::move(full.what), std::move(full.hint));
  }

  const Workload& workload_;
  const Architecture& arch_;
  FlatTree flat_;
  Violations violations_;
};

}  // namespace

std::vector<Violation> check(const Workload& workload, const Architecture& arch,
                             const LoopTree& tree) {
  return Checker(workload, arch).check(tree);
}

}  // namespace tileloom
