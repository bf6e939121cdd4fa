#include "tileloom/cost/fused_counts.hpp"

#include <algorithm>
#include <map>

#include "tileloom/loop_tree/boxes.hpp"
#include "tileloom/loop_tree/fused_flow.hpp"
#include "tileloom/loop_tree/fused_run.hpp"
#include "tileloom/support/checked.hpp"

namespace tileloom::cost {
namespace {

void add(std::int64_t& sum, std::int64_t times, std::int64_t value) {
  sum = checked_add(sum, checked_mul(times, value));
}

/// `times` runs that all count `run`.
void add(PathCounts& sum, std::int64_t times, const PathCounts& run) {
  add(sum.points, times, run.points);
  add(sum.steps, times, run.steps);
  sum.lanes = std::max(sum.lanes, run.lanes);
  if (sum.stores.empty()) {
    sum.stores = run.stores;
    for (StoreCounts& store : sum.stores) store = {store.store, store.role};
  }
  for (std::size_t s = 0; s < run.stores.size(); ++s) {
    StoreCounts& to = sum.stores[s];
    const StoreCounts& from = run.stores[s];
    add(to.fills, times, from.fills);
    add(to.reads, times, from.reads);
    add(to.updates, times, from.updates);
    add(to.update_reads, times, from.update_reads);
    add(to.drains, times, from.drains);
    add(to.deliveries, times, from.deliveries);
    to.tile = std::max(to.tile, from.tile);
    to.instances = std::max(to.instances, from.instances);
  }
}

class Counter {
 public:
  Counter(const Workload& workload, const Architecture& arch, const FusedStack& stack,
          const FusedPlan& plan)
      : workload_(workload), arch_(arch), stack_(stack), plan_(plan) {}

  FusedCounts count() {
    counts_.iterations = static_cast<std::int64_t>(plan_.iterations);
    place_stores();
    for (std::size_t child = 0; child < stack_.children.size(); ++child) count_runs(child);
    for (std::size_t tensor = 0; tensor < plan_.tensors.size(); ++tensor) {
      switch (plan_.tensors[tensor].role) {
        case StackRole::external:
          count_external(tensor);
          break;
        case StackRole::internal:
          count_internal(tensor);
          break;
        case StackRole::result:
          count_result(tensor);
          break;
      }
    }
    return std::move(counts_);
  }

 private:
  const Operator& op(std::size_t child) const {
    return workload_.operators[stack_.children[child].op];
  }
  StoreCounts& at(std::size_t node) { return counts_.stores[store_of_[node]]; }

  void place_stores() {
    store_of_.resize(stack_.path.size());
    for (std::size_t node = 0; node < stack_.path.size(); ++node) {
      const Store* store = std::get_if<Store>(&stack_.path[node]);
      if (store == nullptr) continue;
      store_of_[node] = counts_.stores.size();
      const auto tensor = std::ranges::find(plan_.tensors, store->tensor, &StackTensor::tensor);
      const std::size_t user =
          tensor->writers.empty() ? tensor->readers.front() : tensor->writers.front();
      counts_.stores.push_back({*store, find_operand(op(user), store->tensor)->role});
    }
  }

  /// (F1) Equal runs are counted once.
  void count_runs(std::size_t child) {
    std::map<std::vector<std::int64_t>, std::pair<RankBox, std::int64_t>> classes;
    PathCounts& sum = counts_.children.emplace_back();
    std::int64_t& runs = counts_.runs.emplace_back(0);
    for (const std::vector<RankBox>& at_iteration : plan_.runs[child]) {
      for (const RankBox& run : at_iteration) {
        ++classes.try_emplace(run_class(op(child), run), run, 0).first->second.second;
        ++runs;
      }
    }
    for (const auto& [name, counted] : classes) {
      const Operator part = normalised(op(child), counted.first);
      add(sum, counted.second, count_path(part, arch_, run_path(workload_, stack_, child, part)));
    }
  }

  std::int64_t largest(std::size_t node) const {
    std::int64_t most = 0;
    for (const Box& box : plan_.boxes[node]) most = std::max(most, box.empty() ? 0 : box.size());
    return most;
  }

  /// (F2) What enters a buffer comes from the next outer one.
  void count_external(std::size_t tensor) {
    const std::vector<std::size_t>& stores = plan_.tensors[tensor].stores;
    for (std::size_t s = 0; s < stores.size(); ++s) {
      at(stores[s]).tile = largest(stores[s]);
      if (s == 0) continue;
      const std::int64_t entering = entries(stack_, plan_, stores[s]);
      at(stores[s]).fills = entering;
      at(stores[s - 1]).reads = entering;
      at(stores[s - 1]).deliveries = entering;
    }
  }

  /// (F3) Sums that enter a buffer and leave it again: returns = entries − entries of the outer.
  void count_result(std::size_t tensor) {
    const std::vector<std::size_t>& stores = plan_.tensors[tensor].stores;
    std::int64_t outer = 0;
    for (std::size_t s = 0; s < stores.size(); ++s) {
      const std::int64_t here = entries(stack_, plan_, stores[s]);
      at(stores[s]).tile = largest(stores[s]);
      if (s > 0) {
        StoreCounts& above = at(stores[s - 1]);
        at(stores[s]).fills = here - outer;
        at(stores[s]).drains = here;
        above.updates = here;
        above.update_reads = here - (outer - above.fills);
        above.deliveries = checked_add(here, here - outer);
      }
      outer = here;
    }
    return_sums(stores.back(), outer - at(stores.back()).fills, outer);
  }

  /// (F4) The driver's runs count every element's first update in the run as its first; it is so
  /// only once per entry into the innermost Store without a sum handed down, and only once per
  /// entry is it the element's first visit to the driver's own Stores.
  void return_sums(std::size_t node, std::int64_t first_updates, std::int64_t first_visits) {
    PathCounts& driver = counts_.children.back();
    std::int64_t visits = 0;  // Σ over runs of the box they write
    for (const std::vector<RankBox>& runs : plan_.runs.back()) {
      for (const RankBox& run : runs)
        visits += operand_box(op(stack_.children.size() - 1).output, run).size();
    }
    const TensorId tensor = std::get<Store>(stack_.path[node]).tensor;
    StoreCounts* home = nullptr;
    for (StoreCounts& store : driver.stores) {
      if (store.store.tensor != tensor) continue;
      if (home == nullptr) {
        home = &store;
        home->update_reads += visits - first_updates;
        continue;
      }
      home->deliveries += visits - first_visits;
      store.fills += visits - first_visits;
      store.update_reads += visits - first_visits;
      break;
    }
  }

  /// (F5) What leaves a buffer and is asked for again is drained, what is there is filled.
  void count_internal(std::size_t tensor) {
    const std::vector<std::size_t>& stores = plan_.tensors[tensor].stores;
    const TensorFlow flow = internal_flow(workload_, stack_, plan_, tensor);
    for (std::size_t s = 0; s < stores.size(); ++s) {
      StoreCounts& here = at(stores[s]);
      for (const Live& live : flow.live[s]) here.tile = std::max(here.tile, live.old + live.fresh);
      if (s == 0) continue;
      StoreCounts& above = at(stores[s - 1]);
      here.fills = above.reads = flow.buffers[s].fills;
      here.drains = above.updates = flow.buffers[s].drains;
      above.deliveries = here.fills + here.drains;
    }
  }

  const Workload& workload_;
  const Architecture& arch_;
  const FusedStack& stack_;
  const FusedPlan& plan_;
  std::vector<std::size_t> store_of_;
  FusedCounts counts_;
};

}  // namespace

FusedCounts count_fused(const Workload& workload, const Architecture& arch, const FusedStack& stack,
                        const FusedPlan& plan) {
  return Counter(workload, arch, stack, plan).count();
}

}  // namespace tileloom::cost
