#include "tileloom/reference/boxes_replay.hpp"

#include <algorithm>

#include "tileloom/cost/boxed_operator.hpp"
#include "tileloom/cost/boxes.hpp"
#include "tileloom/reference/channel_demands.hpp"
#include "tileloom/reference/contention.hpp"
#include "tileloom/support/checked.hpp"

namespace tileloom::reference {
namespace {

constexpr std::size_t kNoTask = static_cast<std::size_t>(-1);

/// One operator.
class BoxedRun {
 public:
  BoxedRun(const Workload& workload, const cost::MulticoreMachine& machine, const Operator& op,
           const OperatorField& field, const cost::RankLengths& box, std::int64_t cores)
      : workload_(workload), machine_(machine), op_(op), field_(field), box_(box) {
    for (std::size_t r = 0; r < box.size(); ++r) {
      const bool kept = relevant(op.output, static_cast<RankId>(r));
      const std::int64_t parts = ceil_div(op.ranks[r].extent, box[r]);
      (kept ? outer_ : inner_).push_back(r);
      (kept ? boxes_ : steps_) *= parts;
    }
    cores_ = std::min(cores, boxes_);
  }

  double run() {
    for (std::int64_t core = 0; core < cores_; ++core) add_core(core);
    const SharedChannels channels{static_cast<std::size_t>(machine_.channels),
                                  machine_.channel_bandwidth, static_cast<std::size_t>(cores_),
                                  machine_.port};
    const std::vector<double> ends = end_times(tasks_, channels);
    return dispatch(machine_, cores_) + *std::ranges::max_element(ends);
  }

 private:
  /// Sets the intervals of these ranks to the box that stands at `number` of their row-major grid.
  void place(std::vector<std::size_t> ranks, std::int64_t number) {
    for (std::size_t i = ranks.size(); i-- > 0;) {
      const std::size_t r = ranks[i];
      const std::int64_t parts = ceil_div(op_.ranks[r].extent, box_[r]);
      low_[r] = number % parts * box_[r];
      high_[r] = std::min(low_[r] + box_[r], op_.ranks[r].extent);
      number /= parts;
    }
  }

  double bits(const Operand& operand) const {
    double all = static_cast<double>(workload_.tensors[operand.tensor].bits);
    for (const Axis& axis : operand.axes) {
      all *= static_cast<double>(cost::indices_in(axis, low_, high_).length());
    }
    return all;
  }

  double cycles() const {
    cost::RankLengths lengths;
    for (std::size_t r = 0; r < low_.size(); ++r) lengths.push_back(high_[r] - low_[r]);
    return cost::box_cycles(machine_, workload_, op_, field_, lengths);
  }

  std::size_t add(Task task) {
    std::erase(task.predecessors, kNoTask);
    tasks_.push_back(std::move(task));
    return tasks_.size() - 1;
  }

  void add_core(std::int64_t core) {
    std::vector<std::size_t> computed, written;
    std::size_t last_read = kNoTask;
    const auto back = [](const std::vector<std::size_t>& list, std::size_t steps) {
      return list.size() >= steps ? list[list.size() - steps] : kNoTask;
    };
    const std::size_t depth = machine_.overlap ? 2 : 1;
    const auto end = (core + 1) * boxes_ / cores_;
    for (std::int64_t b = core * boxes_ / cores_; b < end; ++b) {
      place(outer_, b);
      for (std::int64_t s = 0; s < steps_; ++s) {
        place(inner_, s);
        std::vector<Demand> demands;
        for (const Operand& input : op_.inputs) {
          const bool constant = workload_.tensors[input.tensor].kind == TensorKind::constant;
          const auto more = constant ? near_demands(machine_, core, bits(input))
                                     : interleaved_demands(machine_, core, bits(input));
          demands.insert(demands.end(), more.begin(), more.end());
        }
        const std::size_t room = machine_.overlap ? back(computed, 2) : back(written, 1);
        last_read = add(
            {.demands = std::move(demands),
             .cores = {static_cast<std::size_t>(core)},
             .predecessors = {room, last_read, machine_.overlap ? kNoTask : back(computed, 1)}});
        computed.push_back(add({.cycles = cycles(),
                                .predecessors = {last_read, back(computed, 1),
                                                 s == 0 ? back(written, depth) : kNoTask}}));
      }
      written.push_back(add({.demands = interleaved_demands(machine_, core, bits(op_.output)),
                             .cores = {static_cast<std::size_t>(core)},
                             .predecessors = {back(computed, 1), back(written, 1)}}));
    }
  }

  const Workload& workload_;
  const cost::MulticoreMachine& machine_;
  const Operator& op_;
  const OperatorField& field_;
  const cost::RankLengths& box_;
  std::vector<std::size_t> outer_, inner_;  ///< ranks of the output, and of the sum
  std::int64_t boxes_ = 1;
  std::int64_t steps_ = 1;
  std::int64_t cores_ = 1;
  std::vector<std::int64_t> low_ = std::vector<std::int64_t>(box_.size());
  std::vector<std::int64_t> high_ = std::vector<std::int64_t>(box_.size());
  std::vector<Task> tasks_;
};

}  // namespace

double replay_boxes(const Workload& workload, const cost::MulticoreMachine& machine,
                    const Block& block, const cost::BlockPlan& plan) {
  const NetworkField field = network_field(workload);
  double cycles = 0;
  for (std::size_t i = 0; i < block.operators.size(); ++i) {
    const OperatorId id = block.operators[i];
    cycles += BoxedRun(workload, machine, workload.operators[id], field.operators[id],
                       plan.boxes[i], cost::cores_used(plan))
                  .run();
  }
  return cycles;
}

}  // namespace tileloom::reference
