#include "tileloom/loop_tree/flat_tree.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "tileloom/loop_tree/boxes.hpp"
#include "tileloom/loop_tree/fused_rules.hpp"
#include "tileloom/loop_tree/own_path.hpp"
#include "tileloom/loop_tree/path_rules.hpp"

namespace tileloom {
namespace {

class Flattening {
 public:
  Flattening(const Workload& workload, const Architecture& arch)
      : workload_(workload), arch_(arch) {}

  FlatTree run(const LoopTree& tree) && {
    add(tree, {}, std::nullopt);
    return std::move(flat_);
  }

 private:
  void wrong(std::string what, std::string hint) {
    flat_.violations.push_back({Violation::Kind::structure, std::move(what), std::move(hint)});
  }

  void add(const LoopTree& tree, std::vector<std::size_t> above,
           std::optional<std::size_t> branch) {
    if (const ComputeLeaf* compute = std::get_if<ComputeLeaf>(&tree.tail)) {
      add_leaf(compute->op, tree.path, above, branch);
      if (!branch) ++turn_;
      return;
    }
    if (is_fused(tree)) return add_stack(tree, above, branch);
    for (const PathNode& node : tree.path) {
      if (const Store* store = std::get_if<Store>(&node)) {
        above.push_back(flat_.homes.size());
        flat_.homes.push_back({*store, 0, 0, false});
      } else {
        wrong(fmt::format("{} stands above a parallel", quote({workload_, arch_, {}, {}}, node)),
              "give each child loops of its own");
      }
    }
    const Sequence* sequence = std::get_if<Sequence>(&tree.tail);
    const std::vector<LoopTree>& children =
        sequence != nullptr ? sequence->children : std::get<Parallel>(tree.tail).children;
    if (children.empty()) wrong("a sequence has no children", "leave it out");
    for (const LoopTree& child : children) {
      std::optional<std::size_t> of_child = branch;
      if (sequence == nullptr && !branch) {
        of_child = flat_.branches.size();
        flat_.branches.push_back({&child, stores_of(above)});
      }
      add(child, above, of_child);
    }
    if (!branch && sequence == nullptr) ++turn_;
  }

  void add_leaf(OperatorId op, const std::vector<PathNode>& path,
                const std::vector<std::size_t>& above, std::optional<std::size_t> branch) {
    for (const std::size_t i : above) {
      FlatTree::Home& home = flat_.homes[i];
      if (find_operand(workload_.operators[op], home.store.tensor) == nullptr) continue;
      if (!home.used) home.first = turn_;
      home.used = true;
      home.last = turn_;
    }
    flat_.leaves.push_back(
        {op, own_path(workload_, stores_of(above), {op, path}), turn_, std::nullopt, branch});
  }

  std::vector<PathNode> stores_of(const std::vector<std::size_t>& homes) const {
    std::vector<PathNode> stores;
    for (const std::size_t i : homes) stores.push_back(flat_.homes[i].store);
    return stores;
  }

  /// A stack's loops repeat all its leaves: what one of them uses lives as long as all of them.
  void add_stack(const LoopTree& tree, const std::vector<std::size_t>& above,
                 std::optional<std::size_t> branch) {
    FlatTree::Stack part{fused_stack(workload_, tree, stores_of(above)), turn_, true};
    for (Violation& violation : broken_stack_rules(workload_, arch_, tree, part.stack)) {
      part.sound = false;
      wrong(std::move(violation.what), std::move(violation.hint));
    }
    for (std::size_t child = 0; child < part.stack.children.size(); ++child) {
      const OperatorId op = part.stack.children[child].op;
      flat_.leaves.push_back({op,
                              own_path(workload_, part.stack.path, part.stack.children[child]),
                              turn_, flat_.stacks.size(), branch});
      if (!branch) ++turn_;
      for (const std::size_t i : above) {
        FlatTree::Home& home = flat_.homes[i];
        if (find_operand(workload_.operators[op], home.store.tensor) == nullptr) continue;
        if (!home.used) home.first = part.turn;
        home.used = true;
      }
    }
    for (const std::size_t i : above) {
      FlatTree::Home& home = flat_.homes[i];
      const auto is_home = [&](const PathNode& node) { return node == PathNode(home.store); };
      if (std::ranges::any_of(part.stack.path, is_home)) home.last = branch ? turn_ : turn_ - 1;
    }
    flat_.stacks.push_back(std::move(part));
  }

  const Workload& workload_;
  const Architecture& arch_;
  FlatTree flat_;
  std::size_t turn_ = 0;
};

}  // namespace

FlatTree flat_tree(const Workload& workload, const Architecture& arch, const LoopTree& tree) {
  return Flattening(workload, arch).run(tree);
}

}  // namespace tileloom
