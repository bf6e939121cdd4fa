#include "tileloom/scheduler/dlfusion/boxed_plan.hpp"

#include <algorithm>

#include "tileloom/support/checked.hpp"

namespace tileloom::scheduler {
namespace {

class BoxSearch {
 public:
  BoxSearch(const cost::MulticoreMachine& machine, const Workload& workload, const Operator& op,
            const OperatorField& field)
      : machine_(machine), workload_(workload), op_(op), field_(field), box_(cost::whole_box(op)) {}

  /// The box for so many cores; absent if nothing fits.
  std::optional<cost::RankLengths> run(std::int64_t cores) {
    while (!cost::fits(machine_, work(box_))) {
      if (!halve(false)) return std::nullopt;
    }
    while (work(box_).boxes < cores && halve(true)) {
    }
    while (refine(cores)) {
    }
    return box_;
  }

  cost::BoxedWork work(const cost::RankLengths& box) const {
    return cost::boxed_work(machine_, workload_, op_, field_, box);
  }

 private:
  /// False if no rank (of the output) can be halved any more.
  bool halve(bool of_output) {
    std::optional<cost::RankLengths> best;
    double least = 0;
    for (std::size_t r = 0; r < box_.size(); ++r) {
      if (box_[r] == 1) continue;
      if (of_output && !relevant(op_.output, static_cast<RankId>(r))) continue;
      cost::RankLengths tried = box_;
      tried[r] = ceil_div(box_[r], std::int64_t{2});
      const cost::BoxedWork needed = work(tried);
      // Several boxes may need room for two of them.
      if (of_output && !cost::fits(machine_, needed)) continue;
      const double room = needed.largest_in + needed.largest_weights + needed.largest_out;
      const double value = room * (needed.in + needed.weights + needed.out);
      if (best && value >= least) continue;
      least = value;
      best = std::move(tried);
    }
    if (best) box_ = std::move(*best);
    return best.has_value();
  }

  double cycles(const cost::RankLengths& box, std::int64_t cores) const {
    cost::BlockCost cost;
    cost::add_boxed(machine_, work(box), cores, cost);
    return cost.cycles;
  }

  /// Smaller boxes overlap better: halves the rank that saves most cycles; false if none does, or
  /// if a core has many steps already, which leaves little to gain.
  bool refine(std::int64_t cores) {
    constexpr std::int64_t kManySteps = 32;
    const cost::RankLengths now = box_;
    const cost::BoxedWork all = work(now);
    if (all.boxes * all.steps >= kManySteps * cores) return false;
    double least = cycles(now, cores);
    for (std::size_t r = 0; r < now.size(); ++r) {
      if (now[r] == 1) continue;
      cost::RankLengths tried = now;
      tried[r] = ceil_div(now[r], std::int64_t{2});
      if (!cost::fits(machine_, work(tried))) continue;
      const double took = cycles(tried, cores);
      if (took >= least) continue;
      least = took;
      box_ = std::move(tried);
    }
    return box_ != now;
  }

  const cost::MulticoreMachine& machine_;
  const Workload& workload_;
  const Operator& op_;
  const OperatorField& field_;
  cost::RankLengths box_;
};

}  // namespace

std::optional<BlockChoice> boxed_plan(const cost::MulticoreMachine& machine,
                                      const Workload& workload, const cost::NetworkWork& network,
                                      const Block& block, std::int64_t cores) {
  BlockChoice choice;
  choice.cores = cores;
  choice.plan.cores = {1, 1, cores, 1};
  for (const OperatorId id : block.operators) {
    BoxSearch search(machine, workload, workload.operators[id], network.field.operators[id]);
    std::optional<cost::RankLengths> box = search.run(cores);
    if (!box) return std::nullopt;
    cost::add_boxed(machine, search.work(*box), cores, choice.cost);
    choice.plan.boxes.push_back(std::move(*box));
  }
  choice.cycles = choice.cost.cycles;
  return choice;
}

}  // namespace tileloom::scheduler
