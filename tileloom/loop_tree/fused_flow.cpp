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

  /// What a reader's runs read in iteration t.
  Region used(std::size_t reader, std::size_t t) const {
    const Operand& operand =
        *find_operand(workload_.operators[stack_.children[reader].op], at_.tensor);
    const ViewMap map = *ViewMap::between(view_extents(operand), at_.extents);
    Region used;
    for (const RankBox& run : plan_.runs[reader][t]) {
      used = united(used, map(operand_box(operand, run)));
    }
    return used;
  }

  Region written(std::size_t writer, std::size_t t) const {
    Region written;
    for (const RankBox& run : plan_.runs[writer][t]) {
      written =
          united(written, operand_box(workload_.operators[stack_.children[writer].op].output, run));
    }
    return written;
  }

  /// The children run one after the other.
  void compute(std::size_t t) {
    const std::size_t children = stack_.children.size();
    std::vector<Region> still(children + 1);  // read by this child or a later one
    for (std::size_t c = children; c-- > 0;) {
      const bool reads = std::ranges::find(at_.readers, c) != at_.readers.end();
      still[c] = reads ? united(still[c + 1], used(c, t)) : still[c + 1];
    }
    for (std::size_t c = 0; c < children; ++c) {
      Region fresh;
      if (std::ranges::find(at_.writers, c) != at_.writers.end()) fresh = written(c, t);
      for (std::size_t level = 0; level < levels_; ++level) {
        const bool innermost = level + 1 == levels_;
        Region wanted = later_[level][t];
        if (level == 0) {
          wanted = united(wanted, out_[0][t]);
        } else {
          wanted = united(wanted, difference(out_[level][t], present_[level - 1]));
        }
        if (innermost) wanted = united(wanted, still[c]);
        flow_.live[level].push_back(
            {intersection(present_[level], wanted).size(), innermost ? fresh.size() : 0});
      }
      present_.back() = united(present_.back(), fresh);
    }
  }

  const Workload& workload_;
  const FusedStack& stack_;
  const FusedPlan& plan_;
  const StackTensor& at_;
  const std::vector<Box>& need_;
  std::size_t levels_;
  std::vector<std::size_t> depth_;
  std::vector<std::vector<Region>> later_;
  std::vector<std::vector<Region>> out_;
  std::vector<Region> present_;
  TensorFlow flow_;
};

}  // namespace

TensorFlow internal_flow(const Workload& workload, const FusedStack& stack, const FusedPlan& plan,
                         std::size_t tensor) {
  return Flow(workload, stack, plan, tensor).run();
}

}  // namespace tileloom
