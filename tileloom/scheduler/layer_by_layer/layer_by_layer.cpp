#include "tileloom/scheduler/layer_by_layer/layer_by_layer.hpp"

#include <fmt/format.h>
#include <tbb/parallel_for.h>
#include <tbb/task_arena.h>

#include <algorithm>
#include <atomic>
#include <mutex>

#include "tileloom/loop_tree/check.hpp"
#include "tileloom/scheduler/groups.hpp"

namespace tileloom::scheduler {
namespace {

/// Solves the distinct operators in parallel, the largest first so that none is left to the end.
class Solver {
 public:
  Solver(const NetworkProblem& problem, const mapper::Mapper& mapper, const Budget& budget,
         const mapper::ResultStore* store, const OnNetworkProgress& on_progress)
      : problem_(problem),
        mapper_(mapper),
        budget_(budget),
        store_(store),
        on_progress_(on_progress) {}

  std::vector<GroupAnswer> solve(const std::vector<OperatorId>& distinct) {
    distinct_ = distinct.size();
    std::vector<std::size_t> turn(distinct.size());
    for (std::size_t i = 0; i < turn.size(); ++i) turn[i] = i;
    std::ranges::stable_sort(turn, std::greater<>{}, [&](std::size_t i) {
      return points(problem_.workload.operators[distinct[i]]);
    });
    std::vector<GroupAnswer> solved(distinct.size());
    std::atomic<std::size_t> next{0};
    tbb::task_arena arena(budget_.threads > 0 ? budget_.threads : tbb::task_arena::automatic);
    arena.execute([&] {
      tbb::parallel_for(std::size_t{0}, turn.size(), [&](std::size_t) {
        const std::size_t i = turn[next.fetch_add(1)];
        const double start = problem_.now ? problem_.now() : 0;
        solved[i] = solve_one(distinct[i]);
        if (problem_.now) solved[i].seconds = problem_.now() - start;
      });
    });
    return solved;
  }

 private:
  GroupAnswer solve_one(OperatorId id) {
    const mapper::Problem problem = mapper_problem(problem_, id);
    GroupAnswer solved;
    if (store_ != nullptr) {
      if (std::optional<mapper::MapResult> kept = store_->find(problem)) {
        solved = {std::move(*kept), true, 0};
        report(id, {}, true);
        return solved;
      }
    }
    solved.result = mapper_.map(
        problem, budget_, [&](const mapper::Progress& progress) { report(id, progress, false); });
    // An answer cut short by the user is not what the same question would get next time.
    if (store_ != nullptr && !budget_.stopped()) store_->keep(problem, solved.result);
    report(id, {}, true);
    return solved;
  }

  void report(OperatorId id, const mapper::Progress& progress, bool done) {
    const std::lock_guard lock(mutex_);
    if (done) ++done_;
    if (on_progress_) {
      on_progress_({done_, distinct_, problem_.workload.operators[id].name, progress});
    }
  }

  const NetworkProblem& problem_;
  const mapper::Mapper& mapper_;
  const Budget& budget_;
  const mapper::ResultStore* store_;
  const OnNetworkProgress& on_progress_;
  std::mutex mutex_;
  std::size_t done_ = 0;
  std::size_t distinct_ = 0;
};

/// All homes must fit their memories together, which no single operator tells.
void check_homes(Schedule& schedule, const NetworkProblem& problem) {
  const std::optional<LoopTree> network = network_tree(schedule);
  if (!network || schedule.layers.size() < 2) return;
  const std::vector<Violation> broken = check(problem.workload, problem.arch, *network);
  if (broken.empty()) return;
  schedule.proof = Proof::infeasible;
  schedule.reasons.push_back(broken.front().what + ": " + broken.front().hint);
  if (broken.size() > 1) {
    schedule.reasons.push_back(fmt::format("{} more of this kind", broken.size() - 1));
  }
}

}  // namespace

Schedule layer_by_layer(const NetworkProblem& problem, const mapper::Mapper& mapper,
                        const std::string& mapper_name, const Budget& budget,
                        const mapper::ResultStore* store, const OnNetworkProgress& on_progress) {
  const Groups groups = group_operators(problem);
  Schedule schedule =
      assemble(problem, mapper_name, groups,
               Solver(problem, mapper, budget, store, on_progress).solve(groups.distinct));
  check_homes(schedule, problem);
  return schedule;
}

std::optional<LoopTree> network_tree(const Schedule& schedule) {
  LoopTree network;
  Sequence sequence;
  for (const Layer& layer : schedule.layers) {
    if (!layer.result.tree) return std::nullopt;
    LoopTree child = *layer.result.tree;
    // The homes lead the path: the first Store of each tensor, above all loops.
    std::vector<TensorId> seen;
    while (!child.path.empty()) {
      const Store* store = std::get_if<Store>(&child.path.front());
      if (store == nullptr || std::ranges::find(seen, store->tensor) != seen.end()) break;
      seen.push_back(store->tensor);
      const bool known = std::ranges::any_of(network.path, [&](const PathNode& node) {
        return std::get<Store>(node).tensor == store->tensor;
      });
      if (!known) network.path.push_back(*store);
      child.path.erase(child.path.begin());
    }
    sequence.children.push_back(std::move(child));
  }
  network.tail = std::move(sequence);
  return network;
}

}  // namespace tileloom::scheduler
