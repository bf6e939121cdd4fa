#include "tileloom/report/stacks/stacks.hpp"

#include <map>
#include <tuple>

#include "tileloom/loop_tree/boxes.hpp"
#include "tileloom/loop_tree/fused_moments.hpp"
#include "tileloom/loop_tree/view.hpp"
#include "tileloom/scheduler/fused_parts.hpp"

namespace tileloom::report {
namespace {

std::vector<std::int64_t> lengths(const Box& box) {
  std::vector<std::int64_t> all;
  for (std::size_t a = 0; a < box.axes(); ++a) all.push_back(box[a].length());
  return all;
}

/// The stack below the homes of the whole tree.
FusedStack stack_of(const Workload& workload, const LoopTree& whole,
                    const scheduler::StackPart& part) {
  return fused_stack(workload, part.tree, whole.path);
}

Role role_of(const Workload& workload, const FusedStack& stack, TensorId tensor) {
  for (const LeafPath& child : stack.children) {
    const Operand* operand = find_operand(workload.operators[child.op], tensor);
    if (operand != nullptr) return operand->role;
  }
  return Role::input;
}

StackLayer layer_of(const Workload& workload, const scheduler::StackPart& part,
                    const FusedPlan& plan, std::size_t child) {
  const cost::FusedChild& cost = part.fused->children[child];
  const Operator& op = workload.operators[cost.op];
  StackLayer layer;
  layer.op = cost.op;
  layer.runs = cost.runs;
  const auto once = static_cast<double>(points(op));
  layer.recomputed = static_cast<double>(cost.counts.points) / once - 1;
  layer.latency = cost.latency.total;
  layer.energy = cost.compute_energy;
  for (const cost::StoreEnergy& store : cost.store_energy) layer.energy += store.total();
  layer.whole = view_extents(op.output);
  layer.input = view_extents(op.inputs.front());
  if (const auto run = scheduler::most_frequent_run(plan, child)) {
    layer.tile = lengths(operand_box(op.output, *run));
    layer.window = lengths(operand_box(op.inputs.front(), *run));
  }
  return layer;
}

class Energies {
 public:
  void add(const Role role, Phase phase, const cost::StoreCounts& counts,
           const cost::StoreEnergy& energy) {
    sums_[{index(counts.store.memory), role, phase}] += energy.total().value;
  }
  std::vector<PhaseEnergy> list() const {
    std::vector<PhaseEnergy> all;
    for (const auto& [key, sum] : sums_) {
      const auto& [memory, role, phase] = key;
      if (sum > 0) all.push_back({static_cast<MemoryId>(memory), role, phase, {sum}});
    }
    return all;
  }

 private:
  std::map<std::tuple<std::size_t, Role, Phase>, double> sums_;
};

}  // namespace

std::string to_string(Phase phase) { return phase == Phase::compute ? "compute" : "copy"; }

AloneCost alone(const scheduler::FusedSchedule& schedule, const scheduler::StackPart& part) {
  AloneCost sum;
  for (const OperatorId op : part.operators) {
    const scheduler::Layer& layer = schedule.layer_by_layer.layers[index(op)];
    if (!layer.result.evaluation) continue;
    sum.latency += layer.result.evaluation->latency.total + layer.dispatch;
    sum.energy += layer.result.evaluation->energy;
  }
  return sum;
}

double recompute_share(const Workload& workload, const scheduler::StackPart& part) {
  if (!part.fused) return 0;
  double once = 0;
  for (const OperatorId op : part.operators) {
    once += static_cast<double>(points(workload.operators[op]));
  }
  return static_cast<double>(part.fused->recomputed) / once;
}

/// Homes in a memory on the machine are there, whole, for as long as the stack runs.
void add_homes(const Workload& workload, const Architecture& arch, const FusedStack& stack,
               StackMoment& moment) {
  for (std::size_t i = 0; i < stack.homes; ++i) {
    const Store& home = std::get<Store>(stack.path[i]);
    if (home.memory != moment.memory || home.memory == MemoryId{0}) continue;
    const Tensor& tensor = workload.tensors[home.tensor];
    const std::int64_t copies = arch.memories[home.memory].double_buffered ? 2 : 1;
    const std::int64_t bits = elements(tensor) * tensor.bits * copies;
    moment.bits += bits;
    moment.occupants.emplace_back(home.tensor, bits);
  }
}

StackDetail detail_of(const Workload& workload, const Architecture& arch, const LoopTree& whole,
                      const scheduler::StackPart& part) {
  StackDetail detail;
  const FusedStack stack = stack_of(workload, whole, part);
  const FusedPlan planned = plan(workload, stack);
  Energies energies;
  for (std::size_t c = 0; c < stack.children.size(); ++c) {
    detail.layers.push_back(layer_of(workload, part, planned, c));
    const cost::FusedChild& child = part.fused->children[c];
    detail.arithmetic += child.compute_energy;
    for (std::size_t s = 0; s < child.counts.stores.size(); ++s) {
      const cost::StoreCounts& counts = child.counts.stores[s];
      const Operand* operand = find_operand(workload.operators[child.op], counts.store.tensor);
      energies.add(operand->role, Phase::compute, counts, child.store_energy[s]);
    }
  }
  for (std::size_t s = 0; s < part.fused->copies.size(); ++s) {
    const cost::StoreCounts& counts = part.fused->copies[s];
    energies.add(role_of(workload, stack, counts.store.tensor), Phase::copy, counts,
                 part.fused->copy_energy[s]);
  }
  detail.energies = energies.list();
  for (const StackPeak& peak : child_peaks(workload, arch, stack, planned)) {
    StackMoment moment{stack.children[peak.child].op, peak.memory, peak.bits, {}};
    for (const StackOccupant& occupant : peak.occupants) {
      if (occupant.bits > 0) moment.occupants.emplace_back(occupant.tensor, occupant.bits);
    }
    add_homes(workload, arch, stack, moment);
    detail.moments.push_back(std::move(moment));
  }
  return detail;
}

StackDetails details_of(const Workload& workload, const Architecture& arch,
                        const scheduler::FusedSchedule& schedule) {
  StackDetails all;
  for (const scheduler::StackPart& part : schedule.parts) {
    all.push_back(part.fused ? std::optional(detail_of(workload, arch, *schedule.tree, part))
                             : std::nullopt);
  }
  return all;
}

}  // namespace tileloom::report
