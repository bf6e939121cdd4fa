#include "tileloom/scheduler/schedule.hpp"

#include <algorithm>
#include <utility>

#include "tileloom/cost/dispatch.hpp"
#include "tileloom/support/checked.hpp"

namespace tileloom::scheduler {
namespace {

int strength(Proof proof) {
  switch (proof) {
    case Proof::optimal:
      return 3;
    case Proof::feasible:
      return 2;
    case Proof::budget_spent:
      return 1;
    case Proof::infeasible:
      return 0;
  }
  return 0;
}

void add(Cycles& sum, Cycles cycles) { sum.value = checked_add(sum.value, cycles.value); }

}  // namespace

Proof weaker(Proof a, Proof b) { return strength(a) < strength(b) ? a : b; }

void add_layer(Schedule& schedule, const Workload& workload, const Architecture& arch,
               Layer layer) {
  const Operator& op = workload.operators[layer.op];
  schedule.proof = weaker(schedule.proof, layer.result.proof);
  if (layer.result.tree) {
    layer.dispatch = cost::dispatch(op, arch, layer.result.tree->path);
    add(schedule.latency, layer.result.evaluation->latency.total);
    add(schedule.latency, layer.dispatch);
    add(schedule.dispatch, layer.dispatch);
    schedule.energy += layer.result.evaluation->energy;
  }
  layer.bound = cost::lower_bound(op, arch);
  add(schedule.bound.latency, layer.bound.latency);
  add(schedule.bound.latency, {arch.launch_cycles});
  schedule.bound.energy += layer.bound.energy;
  schedule.layers.push_back(std::move(layer));
}

}  // namespace tileloom::scheduler
