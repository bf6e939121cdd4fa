#include "tileloom/loop_tree/fused_flow.hpp"

#include <algorithm>

#include "tileloom/loop_tree/boxes.hpp"
#include "tileloom/loop_tree/view.hpp"

namespace tileloom {
namespace {

/// Follows one tensor: backwards to see what will be asked of each buffer, then forwards to move
/// what that needs.
class Flow {
 public:
  Flow(const Workload& workload, const FusedStack& stack, const FusedPlan& plan, std::size_t tensor)
      : workload_(workload),
        stack_(stack),
        plan_(plan),
        at_(plan.tensors[tensor]),
        need_(plan.need[tensor]),
        levels_(at_.stores.size()),
        present_(levels_) {
    for (const std::size_t node : at_.stores) depth_.push_back(depth(stack, node));
    for (const std::size_t reader : at_.readers)
      maps_.push_back(*ViewMap::between(view_extents(read_by(reader)), at_.extents));
    flow_.buffers.resize(levels_);
    flow_.live.resize(levels_);
  }

  TensorFlow run() {
    foresee();
    for (std::size_t t = 0; t < plan_.iterations; ++t) {
      if (t > 0) leave(t);
      if (t > 0) enter(t);
      compute(t);
    }
    for (std::size_t level = levels_; level-- > 1;) {
      drain(level, present_[level], plan_.iterations - 1);
    }
    return std::move(flow_);
  }

 private:
  bool moves_at(std::size_t level, std::size_t t) const { return moves(plan_, t, depth_[level]); }
  Box kept_at(std::size_t level, std::size_t t) const {
    return kept(stack_, plan_, at_.stores[level], t);
  }
  const Box& box(std::size_t level, std::size_t t) const {
    return plan_.boxes[at_.stores[level]][t];
  }
  Region everything() const { return Box::whole(at_.extents); }

  /// later_[level][t]: what of the present turn of the buffer is asked for after iteration t: by
  /// consumers for the innermost, by the next inner buffer for the others. out_[level][t]: what
  /// must be handed outward when it leaves.
  void foresee() {
    later_.assign(levels_, std::vector<Region>(plan_.iterations));
    out_.assign(levels_, std::vector<Region>(plan_.iterations));
    for (std::size_t level = 0; level < levels_; ++level) {
      if (at_.used_outside) out_[level].back() = everything();
      for (std::size_t t = plan_.iterations - 1; t-- > 0;) foresee(level, t);
    }
  }

  void foresee(std::size_t level, std::size_t t) {
    Region asked = level + 1 == levels_ ? Region(need_[t + 1]) : entering(level + 1, t + 1);
    asked = united(asked, later_[level][t + 1]);
    Region& out = out_[level][t];
    out = out_[level][t + 1];
    if (moves_at(level, t + 1)) {
      const Box stays = kept_at(level, t + 1);
      asked = intersection(asked, stays);
      if (level > 0) {
        const Region above = united(later_[level - 1][t], out_[level - 1][t]);
        out = united(intersection(out, stays), difference(above, stays));
      }
    }
    later_[level][t] = std::move(asked);
  }

  /// What enters the buffer at the beginning of iteration t, be it present or not.
  Region entering(std::size_t level, std::size_t t) const {
    if (!moves_at(level, t)) return {};
    return difference(box(level, t), kept_at(level, t));
  }

  void leave(std::size_t t) {
    for (std::size_t level = levels_; level-- > 0;) {
      if (!moves_at(level, t)) continue;
      const Box stays = kept_at(level, t);
      if (level > 0) drain(level, difference(present_[level], stays), t - 1);
      present_[level] = intersection(present_[level], stays);
    }
  }

  /// Hands outward what leaves after iteration t, is still asked for there and not there already.
  void drain(std::size_t level, const Region& leaving, std::size_t t) {
    if (leaving.empty()) return;
    Region asked = intersection(leaving, united(later_[level - 1][t], out_[level - 1][t]));
    asked = difference(asked, present_[level - 1]);
    flow_.buffers[level].drains += asked.size();
    present_[level - 1] = united(present_[level - 1], asked);
  }

  void enter(std::size_t t) {
    for (std::size_t level = 1; level < levels_; ++level) {
      if (!moves_at(level, t)) continue;
      const Region fresh = difference(box(level, t), present_[level]);
      const Region filled = intersection(fresh, present_[level - 1]);
      flow_.buffers[level].fills += filled.size();
      present_[level] = united(present_[level], filled);
    }
  }

  const Operand& read_by(std::size_t child) const {
    return *find_operand(workload_.operators[stack_.children[child].op], at_.tensor);
  }

  /// What the runs of a child read in iteration t; nothing if it is no reader.
  Region used(std::size_t child, std::size_t t) const {
    const auto reader = std::ranges::find(at_.readers, child);
    Region used;
    if (reader == at_.readers.end()) return used;
    const ViewMap& map = maps_[static_cast<std::size_t>(reader - at_.readers.begin())];
    for (const RankBox& run : plan_.runs[child][t]) {
      used = united(used, map(operand_box(read_by(child), run)));
    }
    return used;
  }

  bool writes(std::size_t child) const {
    return std::ranges::find(at_.writers, child) != at_.writers.end();
  }

  Region written(std::size_t writer, std::size_t t) const {
    Region written;
    for (const RankBox& run : plan_.runs[writer][t]) {
      written =
          united(written, operand_box(workload_.operators[stack_.children[writer].op].output, run));
    }
    return written;
  }

  /// What the buffer must not lose in iteration t, whoever runs.
  Region wanted(std::size_t level, std::size_t t) const {
    const Region& out = out_[level][t];
    if (out.empty()) return later_[level][t];
    if (level == 0) return united(later_[level][t], out);
    return united(later_[level][t], difference(out, present_[level - 1]));
  }

  /// The children run one after the other. What is alive changes behind those that read or write.
  void compute(std::size_t t) {
    const std::size_t children = stack_.children.size();
    for (std::size_t level = 0; level + 1 < levels_; ++level) {
      const std::int64_t old = common(present_[level], wanted(level, t));
      flow_.live[level].insert(flow_.live[level].end(), children, Live{old, 0});
    }
    const Region innermost = wanted(levels_ - 1, t);
    std::vector<Region> reads(children);
    for (const std::size_t reader : at_.readers) reads[reader] = used(reader, t);
    std::vector<Live>& live = flow_.live.back();
    bool changed = true;
    for (std::size_t c = 0; c < children; ++c) {
      Region fresh;
      if (writes(c)) fresh = written(c, t);
      if (changed) {
        Region still = innermost;  // and what this child or a later one reads
        for (std::size_t later = c; later < children; ++later) still = united(still, reads[later]);
        live.push_back({common(present_.back(), still), 0});
      } else {
        live.push_back({live.back().old, 0});
      }
      live.back().fresh = fresh.size();
      present_.back() = united(present_.back(), fresh);
      changed = !fresh.empty() || !reads[c].empty();
    }
  }

  const Workload& workload_;
  const FusedStack& stack_;
  const FusedPlan& plan_;
  const StackTensor& at_;
  const std::vector<Box>& need_;
  std::size_t levels_;
  std::vector<std::size_t> depth_;
  std::vector<ViewMap> maps_;  ///< from the views of the readers
  std::vector<std::vector<Region>> later_;
  std::vector<std::vector<Region>> out_;
  std::vector<Region> present_;
  TensorFlow flow_;
};

}  // namespace

TensorFlow internal_flow(const Workload& workload, const FusedStack& stack, const FusedPlan& plan,
                         std::size_t tensor) {
  if (!plan.flows.empty()) return plan.flows[tensor];
  return Flow(workload, stack, plan, tensor).run();
}

void follow(const Workload& workload, const FusedStack& stack, FusedPlan& plan) {
  std::vector<TensorFlow> flows(plan.tensors.size());
  for (std::size_t tensor = 0; tensor < flows.size(); ++tensor) {
    if (plan.tensors[tensor].role == StackRole::internal)
      flows[tensor] = internal_flow(workload, stack, plan, tensor);
  }
  plan.flows = std::move(flows);
}

}  // namespace tileloom
