#include "tileloom/loop_tree/fused_plan.hpp"

#include <algorithm>

#include "tileloom/loop_tree/boxes.hpp"
#include "tileloom/loop_tree/view.hpp"
#include "tileloom/support/checked.hpp"

namespace tileloom {
namespace {

/// Works backwards: what the consumers of a tensor compute is known before what its writers do.
class Planner {
 public:
  Planner(const Workload& workload, const FusedStack& stack, std::size_t once)
      : workload_(workload), stack_(stack), loops_(stack_loops(stack)), once_(once) {
    plan_.tensors = stack_tensors(workload, stack);
    plan_.runs.resize(stack.children.size());
    plan_.need.resize(plan_.tensors.size());
    plan_.boxes.resize(stack.path.size());
  }

  FusedPlan make() {
    enumerate();
    for (std::size_t child = stack_.children.size(); child-- > 0;) {
      if (child + 1 < stack_.children.size()) derive_runs(child);
    }
    for (std::size_t tensor = 0; tensor < plan_.tensors.size(); ++tensor) finish(tensor);
    return std::move(plan_);
  }

 private:
  const Operator& op(std::size_t child) const {
    return workload_.operators[stack_.children[child].op];
  }

  /// The iterations of the loops: the last operator computes its chunks.
  void enumerate() {
    RankBox chunk;
    for (const Rank& rank : op(stack_.children.size() - 1).ranks) chunk.push_back({0, rank.extent});
    std::size_t moved = 0;
    descend(0, chunk, moved);
    plan_.iterations = plan_.moved.size();
  }

  void descend(std::size_t depth, RankBox& chunk, std::size_t& moved) {
    if (depth == loops_.size()) {
      plan_.moved.push_back(moved);
      plan_.runs.back().push_back({chunk});
      moved = loops_.size();
      return;
    }
    Interval& at = chunk[index(loops_[depth].rank)];
    const Interval whole = at;
    for (std::int64_t lo = whole.begin; lo < whole.end; lo += loops_[depth].tile) {
      if (lo > whole.begin) moved = depth;
      at = {lo, std::min(whole.end, lo + loops_[depth].tile)};
      descend(depth + 1, chunk, moved);
      if (depth < once_) break;
    }
    at = whole;
  }

  std::size_t tensor_of(TensorId id) const {
    const auto at = std::ranges::find(plan_.tensors, id, &StackTensor::tensor);
    return static_cast<std::size_t>(at - plan_.tensors.begin());
  }

  /// The need of a tensor: the hull of what its readers' runs read, once the readers have theirs.
  /// For the result: what the last operator writes.
  void derive_need(std::size_t tensor) {
    const StackTensor& at = plan_.tensors[tensor];
    std::vector<Box>& need = plan_.need[tensor];
    if (!need.empty()) return;
    need.assign(plan_.iterations, Box(at.extents.size()));
    const std::vector<std::size_t>& users = at.role == StackRole::result ? at.writers : at.readers;
    for (const std::size_t user : users) {
      const Operand& operand = *find_operand(op(user), at.tensor);
      const ViewMap map = *ViewMap::between(view_extents(operand), at.extents);
      for (std::size_t t = 0; t < plan_.iterations; ++t) {
        for (const RankBox& run : plan_.runs[user][t]) {
          need[t] = hull(need[t], map(operand_box(operand, run)));
        }
      }
    }
  }

  /// The box of a Store: the hull of the needs over the loops below it.
  void derive_boxes(std::size_t tensor, std::size_t node) {
    const std::size_t above = depth(stack_, node);
    const std::vector<Box>& need = plan_.need[tensor];
    std::vector<Box>& boxes = plan_.boxes[node];
    if (!boxes.empty()) return;
    for (std::size_t begin = 0; begin < plan_.iterations;) {
      std::size_t end = begin + 1;
      Box box = need[begin];
      while (end < plan_.iterations && plan_.moved[end] >= above) box = hull(box, need[end++]);
      boxes.insert(boxes.end(), end - begin, box);
      begin = end;
    }
  }

  void finish(std::size_t tensor) {
    derive_need(tensor);
    for (const std::size_t node : plan_.tensors[tensor].stores) derive_boxes(tensor, node);
  }

  /// A writer computes what is needed and in none of the tensor's buffers any more: not needed
  /// before in the present turn of one of them.
  void derive_runs(std::size_t child) {
    const Operand& output = op(child).output;
    const std::size_t tensor = tensor_of(output.tensor);
    finish(tensor);
    const std::vector<std::size_t>& stores = plan_.tensors[tensor].stores;
    const Box writes = operand_box(output, whole_space(child));
    std::vector<Region> held(stores.size());
    plan_.runs[child].resize(plan_.iterations);
    for (std::size_t t = 0; t < plan_.iterations; ++t) {
      const Box& need = plan_.need[tensor][t];
      Region missing = intersection(need, writes);
      for (std::size_t s = 0; s < stores.size(); ++s) {
        if (moves(plan_, t, depth(stack_, stores[s]))) {
          held[s] = intersection(held[s], kept(stack_, plan_, stores[s], t));
        }
        missing = difference(missing, held[s]);
        held[s] = united(held[s], need);
      }
      for (const Box& piece : pieces(missing)) add_run(child, piece, plan_.runs[child][t]);
    }
  }

  RankBox whole_space(std::size_t child) const {
    RankBox whole;
    for (const Rank& rank : op(child).ranks) whole.push_back({0, rank.extent});
    return whole;
  }

  /// The run that writes `piece`: every rank of the output narrowed, all others whole.
  void add_run(std::size_t child, const Box& piece, std::vector<RankBox>& runs) const {
    RankBox run = whole_space(child);
    const std::vector<Axis>& axes = op(child).output.axes;
    for (std::size_t a = 0; a < axes.size(); ++a) {
      if (axes[a].terms.empty()) continue;
      run[index(axes[a].terms.front().rank)] = {piece[a].begin - axes[a].offset,
                                                piece[a].end - axes[a].offset};
    }
    runs.push_back(std::move(run));
  }

  const Workload& workload_;
  const FusedStack& stack_;
  std::vector<Loop> loops_;
  std::size_t once_;  ///< so many outer loops have their first trip only
  FusedPlan plan_;
};

}  // namespace

FusedPlan plan(const Workload& workload, const FusedStack& stack) {
  return Planner(workload, stack, 0).make();
}

FusedPlan first_plan(const Workload& workload, const FusedStack& stack, std::size_t loops) {
  return Planner(workload, stack, loops).make();
}

Box kept(const FusedStack& stack, const FusedPlan& plan, std::size_t node, std::size_t t) {
  const Box& now = plan.boxes[node][t];
  const Box& before = plan.boxes[node][t - 1];
  if (now == before) return now;
  if (std::get<Store>(stack.path[node]).keep == Keep::same) return Box(now.axes());
  return intersection(before, now);
}

std::int64_t entries(const FusedStack& stack, const FusedPlan& plan, std::size_t node) {
  const std::size_t above = depth(stack, node);
  std::int64_t sum = plan.boxes[node].front().size();
  for (std::size_t t = 1; t < plan.iterations; ++t) {
    if (!moves(plan, t, above)) continue;
    const Box stays = kept(stack, plan, node, t);
    sum = checked_add(sum, plan.boxes[node][t].size() - (stays.empty() ? 0 : stays.size()));
  }
  return sum;
}

Box operand_box(const Operand& operand, const RankBox& run) {
  Box box(operand.axes.size());
  for (std::size_t a = 0; a < operand.axes.size(); ++a) {
    const Axis& axis = operand.axes[a];
    std::int64_t lo = axis.offset;
    std::int64_t hi = axis.offset + 1;
    for (const Term& term : axis.terms) {
      const Interval& chunk = run[index(term.rank)];
      lo = checked_add(lo, checked_mul(term.coefficient, chunk.begin));
      hi = checked_add(hi, checked_mul(term.coefficient, chunk.end - 1));
    }
    box[a] = {std::max<std::int64_t>(lo, 0), std::min(hi, axis.extent)};
  }
  return box;
}

std::vector<std::int64_t> largest_run(const FusedPlan& plan, std::size_t child) {
  std::vector<std::int64_t> largest;
  for (const std::vector<RankBox>& runs : plan.runs[child]) {
    for (const RankBox& run : runs) {
      largest.resize(run.size());
      for (std::size_t r = 0; r < run.size(); ++r) {
        largest[r] = std::max(largest[r], run[r].length());
      }
    }
  }
  return largest;
}

}  // namespace tileloom
