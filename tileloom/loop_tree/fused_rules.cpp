#include "tileloom/loop_tree/fused_rules.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "tileloom/loop_tree/boxes.hpp"
#include "tileloom/loop_tree/core_parts.hpp"
#include "tileloom/loop_tree/fused_plan.hpp"
#include "tileloom/loop_tree/path_rules.hpp"
#include "tileloom/loop_tree/view.hpp"

namespace tileloom {
namespace {

class StackRules {
 public:
  StackRules(const Workload& workload, const Architecture& arch, const LoopTree& tree,
             const FusedStack& stack)
      : workload_(workload), arch_(arch), tree_(tree), stack_(stack) {}

  std::vector<Violation> broken() {
    check_children();
    if (!violations_.empty()) return std::move(violations_);
    check_loops();
    check_outputs();
    tensors_ = stack_tensors(workload_, stack_);
    for (const StackTensor& tensor : tensors_) check_tensor(tensor);
    check_unused();
    check_sides();
    // What each of too many cores does would take long to say.
    if (violations_.empty() && cores_of(workload_, stack_) <= cores(arch_)) check_parts();
    return std::move(violations_);
  }

 private:
  void wrong(std::string what, std::string hint) {
    violations_.push_back({Violation::Kind::structure, std::move(what), std::move(hint)});
  }
  std::string quoted(const PathNode& node) const { return quote({workload_, arch_, {}, {}}, node); }
  const std::string& name(const StackTensor& tensor) const {
    return workload_.tensors[tensor.tensor].name;
  }
  const Operator& op(std::size_t child) const {
    return workload_.operators[stack_.children[child].op];
  }

  void check_children() {
    for (const LoopTree& child : std::get<Sequence>(tree_.tail).children) {
      if (is_single_path(child)) continue;
      wrong("a sequence or parallel stands inside a sequence below loops",
            "let the children of a sequence below loops be single paths");
      return;
    }
    if (stack_.children.empty()) wrong("a sequence has no children", "leave it out");
  }

  /// Loops are over ranks of the last operator; those over cores come first, all others run in
  /// time.
  void check_loops() {
    const PathNode* in_time = nullptr;
    for (const PathNode& node : stack_.path) {
      const Loop* loop = std::get_if<Loop>(&node);
      if (loop == nullptr) continue;
      if (!loop->axis && in_time == nullptr) in_time = &node;
      if (loop->axis && !arch_.axes[*loop->axis].core) {
        wrong(fmt::format("{} stands above a sequence", quoted(node)),
              "loops above a sequence run in time: give the children loops in space");
      } else if (loop->axis && in_time != nullptr) {
        wrong(fmt::format("{} stands above {}", quoted(*in_time), quoted(node)),
              "loops over cores come first");
      }
      if (loop->op == stack_.driver()) {
        check_share(node, *loop);
        continue;
      }
      wrong(fmt::format("{} is a loop of {}, but the sequence below it ends with {}", quoted(node),
                        workload_.operators[loop->op].name,
                        workload_.operators[stack_.driver()].name),
            "loop over ranks of the last operator: the tiles of the others follow from its tiles");
    }
  }

  /// Cores do not add up what they compute.
  void check_share(const PathNode& node, const Loop& loop) {
    if (!loop.axis || relevant(op(stack_.children.size() - 1).output, loop.rank)) return;
    wrong(fmt::format("{} divides a sum among cores", quoted(node)),
          "loop over ranks of the output in space");
  }

  /// A box of a result says which part of the iteration space computes it.
  void check_outputs() {
    for (std::size_t c = 0; c < stack_.children.size(); ++c) {
      for (const Axis& axis : op(c).output.axes) {
        if (axis.terms.empty() || (axis.terms.size() == 1 && axis.terms[0].coefficient == 1)) {
          continue;
        }
        wrong(fmt::format("{} stands below common loops, but an axis of its output is {}",
                          op(c).name, formula(op(c), axis)),
              "leave it out of the stack: every axis must be one rank");
      }
      if (op(c).output.axes.empty()) {
        wrong(fmt::format("{} stands below common loops, but its output has no axes", op(c).name),
              "leave it out of the stack");
      }
    }
  }

  void check_tensor(const StackTensor& tensor) {
    check_views(tensor);
    if (tensor.role == StackRole::result && tensor.writers.front() + 1 != stack_.children.size()) {
      wrong(fmt::format("{} writes {}, which no operator of its stack reads",
                        op(tensor.writers.front()).name, name(tensor)),
            "compute it outside the stack: all tiles follow from those of the last operator");
    }
    if (tensor.role == StackRole::internal) {
      check_internal(tensor);
    } else {
      check_home(tensor);
    }
  }

  void check_views(const StackTensor& tensor) {
    for (std::size_t c = 0; c < stack_.children.size(); ++c) {
      const Operand* operand = find_operand(op(c), tensor.tensor);
      if (operand == nullptr) continue;
      const bool writes = operand == &op(c).output;
      const std::vector<std::int64_t> view = view_extents(*operand);
      if (writes ? view == tensor.extents : ViewMap::between(view, tensor.extents).has_value()) {
        continue;
      }
      wrong(fmt::format("{} sees {} as [{}], the stack's first operator that uses it as [{}]",
                        op(c).name, name(tensor), fmt::join(view, ", "),
                        fmt::join(tensor.extents, ", ")),
            "leave one of them out of the stack: boxes of one view are no boxes of the other");
    }
  }

  /// Written and read inside: stored above the sequence, by operators inside only.
  void check_internal(const StackTensor& tensor) {
    for (const OperatorId writer : producers(workload_, tensor.tensor)) {
      const bool inside = std::ranges::any_of(
          stack_.children, [&](const LeafPath& child) { return child.op == writer; });
      if (inside) continue;
      wrong(fmt::format("{} is written by {} in the stack, but by {} outside", name(tensor),
                        op(tensor.writers.front()).name, workload_.operators[writer].name),
            "put all operators that write it into the stack, or none");
    }
    if (tensor.stores.empty()) {
      wrong(fmt::format("{} is not stored above the sequence whose operators write and read it",
                        name(tensor)),
            "store it above the sequence");
    } else if (tensor.used_outside && depth(stack_, tensor.stores.front()) > 0) {
      wrong(fmt::format("{} is needed after the stack, but {} stands below its loops", name(tensor),
                        quoted(stack_.path[tensor.stores.front()])),
            "store it once above all loops");
    }
  }

  void check_home(const StackTensor& tensor) {
    if (!tensor.stores.empty() && depth(stack_, tensor.stores.front()) == 0) return;
    wrong(fmt::format("{} comes from outside the stack or leaves it, but is not stored above its "
                      "loops",
                      name(tensor)),
          "store every tensor once above all loops");
  }

  void check_unused() {
    for (const PathNode& node : stack_.path) {
      const Store* store = std::get_if<Store>(&node);
      if (store == nullptr) continue;
      const bool used = std::ranges::any_of(
          tensors_, [&](const StackTensor& t) { return t.tensor == store->tensor; });
      if (used) continue;
      wrong(fmt::format("{}: no operator of the sequence below uses it", quoted(node)),
            "leave the store out");
    }
  }

  /// What stands above a loop over cores lies outside them, what stands below inside.
  void check_sides() {
    for (std::size_t l = 0; l < stack_.path.size(); ++l) {
      const Loop* loop = std::get_if<Loop>(&stack_.path[l]);
      if (loop == nullptr || !loop->axis) continue;
      for (std::size_t s = 0; s < stack_.path.size(); ++s) {
        const Store* store = std::get_if<Store>(&stack_.path[s]);
        if (store == nullptr || (s > l) == replicated(arch_, store->memory, *loop->axis)) continue;
        wrong(fmt::format("{} stands {} {}", quoted(stack_.path[s]), s > l ? "below" : "above",
                          quoted(stack_.path[l])),
              fmt::format("every core runs its share by itself: {} the loop stands what the cores "
                          "{}",
                          s > l ? "below" : "above", s > l ? "have each" : "share"));
      }
    }
    if (!on_cores(stack_)) return;
    for (const LeafPath& child : stack_.children) {
      for (const PathNode& node : child.path) {
        const Loop* loop = std::get_if<Loop>(&node);
        if (loop == nullptr || !loop->axis || !arch_.axes[*loop->axis].core) continue;
        wrong(fmt::format("{} stands below loops over cores and a sequence", quoted(node)),
              "loops over cores stand above the sequence or in its children, not both");
      }
    }
  }

  static bool is_single(const PathNode& node) {
    const Store* store = std::get_if<Store>(&node);
    return store != nullptr && store->single;
  }

  /// What only the parts that the operators compute tell.
  void check_parts() {
    for (const LeafPath& child : stack_.children) {
      for (const PathNode& node : child.path) {
        if (is_single(node)) {
          wrong(fmt::format("{} is single, but is filled in every run", quoted(node)),
                "single stores stand above the sequence");
        }
      }
    }
    const bool single = std::ranges::any_of(stack_.path, is_single);
    const bool cover = std::ranges::any_of(tensors_, [](const StackTensor& tensor) {
      return tensor.role == StackRole::internal && tensor.used_outside;
    });
    if (!single && !cover) return;
    std::vector<Region> computed(tensors_.size());
    std::vector<PathNode> moving;  // single ones that move
    for_each_core(workload_, stack_, [&](const Workload& part, const FusedStack& mine) {
      const FusedPlan made = plan(part, mine);
      for (std::size_t i = 0; i < tensors_.size(); ++i) {
        if (tensors_[i].role == StackRole::internal && tensors_[i].used_outside) {
          for (const Box& need : made.need[i]) computed[i] = united(computed[i], need);
        }
        add_moving(mine, made, made.tensors[i], moving);
      }
    });
    check_cover(computed);
    for (const PathNode& node : moving) {
      wrong(fmt::format("{} is single, but what it holds changes", quoted(node)),
            "only what stays, or is made and used inside, needs one copy");
    }
  }

  /// Single Stores of a tensor into which something new comes while they are in use. What is made
  /// and read inside comes from nowhere.
  static void add_moving(const FusedStack& stack, const FusedPlan& made, const StackTensor& tensor,
                         std::vector<PathNode>& moving) {
    for (const std::size_t node : tensor.stores) {
      const PathNode& store = stack.path[node];
      const bool inside = tensor.role == StackRole::internal && !tensor.used_outside &&
                          node == tensor.stores.front();
      if (!is_single(store) || inside || std::ranges::count(moving, store) > 0) continue;
      const auto differs = [&](const Box& box) { return box != made.boxes[node].front(); };
      if (std::ranges::any_of(made.boxes[node], differs)) moving.push_back(store);
    }
  }

  /// What is needed after the stack must be computed although only the last operator asks for it.
  void check_cover(const std::vector<Region>& computed) {
    for (std::size_t i = 0; i < tensors_.size(); ++i) {
      if (tensors_[i].role != StackRole::internal || !tensors_[i].used_outside) continue;
      const std::int64_t all = elements(workload_.tensors[tensors_[i].tensor]);
      if (computed[i].size() == all) continue;
      wrong(fmt::format("{} is needed after the stack, but {} of its {} elements are not needed by "
                        "its last operator",
                        name(tensors_[i]), all - computed[i].size(), all),
            "compute it outside the stack");
    }
  }

  const Workload& workload_;
  const Architecture& arch_;
  const LoopTree& tree_;
  const FusedStack& stack_;
  std::vector<StackTensor> tensors_;
  std::vector<Violation> violations_;
};

}  // namespace

std::vector<Violation> broken_stack_rules(const Workload& workload, const Architecture& arch,
                                          const LoopTree& tree, const FusedStack& stack) {
  return StackRules(workload, arch, tree, stack).broken();
}

}  // namespace tileloom
