#include "tileloom/loop_tree/core_parts.hpp"

#include <algorithm>

#include "tileloom/loop_tree/fused_run.hpp"
#include "tileloom/loop_tree/path_loops.hpp"
#include "tileloom/support/checked.hpp"

namespace tileloom {
namespace {

bool in_space(const PathNode& node) {
  const Loop* loop = std::get_if<Loop>(&node);
  return loop != nullptr && loop->axis.has_value();
}

/// Divides the last operator's ranks among the cores.
class Cores {
 public:
  Cores(const Workload& workload, const FusedStack& stack, const VisitCore& visit)
      : stack_(stack), visit_(visit), part_(workload), alone_(stack) {
    std::erase_if(alone_.path, in_space);
    for (const PathNode& node : stack.path) {
      if (in_space(node)) loops_.push_back(std::get<Loop>(node));
    }
    whole_ = workload.operators[stack.driver()];
  }

  void run() {
    RankBox share;
    for (const Rank& rank : whole_.ranks) share.push_back({0, rank.extent});
    divide(0, share);
  }

 private:
  void divide(std::size_t depth, RankBox& share) {
    if (depth == loops_.size()) return visit_core(share);
    Interval& at = share[index(loops_[depth].rank)];
    const Interval whole = at;
    for (std::int64_t begin = whole.begin; begin < whole.end; begin += loops_[depth].tile) {
      at = {begin, std::min(whole.end, begin + loops_[depth].tile)};
      divide(depth + 1, share);
    }
    at = whole;
  }

  void visit_core(const RankBox& share) {
    part_.operators[stack_.driver()] = restricted(whole_, share);
    FusedStack mine = alone_;
    std::vector<std::int64_t> chunk;
    for (const Interval& rank : share) chunk.push_back(rank.length());
    for (std::vector<PathNode>* path : {&mine.path, &mine.children.back().path}) {
      for (PathNode& node : *path) {
        Loop* loop = std::get_if<Loop>(&node);
        if (loop == nullptr) continue;
        std::int64_t& enclosing = chunk[index(loop->rank)];
        loop->tile = enclosing = std::min(enclosing, loop->tile);
      }
    }
    visit_(part_, mine);
  }

  const FusedStack& stack_;
  const VisitCore& visit_;
  Workload part_;
  FusedStack alone_;
  std::vector<Loop> loops_;
  Operator whole_;
};

}  // namespace

bool on_cores(const FusedStack& stack) { return std::ranges::any_of(stack.path, in_space); }

void for_each_core(const Workload& workload, const FusedStack& stack, const VisitCore& visit) {
  if (!on_cores(stack)) return visit(workload, stack);
  Cores(workload, stack, visit).run();
}

std::int64_t cores_of(const Workload& workload, const FusedStack& stack) {
  std::int64_t cores = 1;
  for (const PathLoop& at : path_loops(workload.operators[stack.driver()], stack.path)) {
    if (at.loop.axis) cores = checked_mul(cores, at.trips);
  }
  return cores;
}

bool one_level_of_cores(const Architecture& arch) {
  std::optional<std::size_t> level;
  for (const SpatialAxis& axis : arch.axes) {
    if (!axis.core) continue;
    if (level && *level != axis.below) return false;
    level = axis.below;
  }
  return true;
}

}  // namespace tileloom
