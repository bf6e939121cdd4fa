#include "tileloom/cost/fused_evaluate.hpp"

#include <algorithm>
#include <map>

#include "tileloom/cost/bounds.hpp"
#include "tileloom/cost/energy.hpp"
#include "tileloom/cost/latency.hpp"
#include "tileloom/loop_tree/boxes.hpp"
#include "tileloom/loop_tree/fused_flow.hpp"
#include "tileloom/loop_tree/fused_run.hpp"
#include "tileloom/loop_tree/own_path.hpp"
#include "tileloom/support/checked.hpp"

namespace tileloom::cost {
namespace {

/// Widths of a child's Stores: those of its whole path, without the outer Stores of the stack.
std::vector<StoreWidth> child_widths(const Workload& workload, const FusedStack& stack,
                                     std::size_t child) {
  const Operator& op = workload.operators[stack.children[child].op];
  const std::vector<PathNode> path = own_path(workload, stack.path, stack.children[child]);
  const std::vector<StoreWidth> all = store_widths(op, path);
  const std::size_t own = path.size() - stack.children[child].path.size();
  std::vector<StoreWidth> widths;
  std::size_t next = 0;
  for (std::size_t i = 0; i < path.size(); ++i) {
    const Store* store = std::get_if<Store>(&path[i]);
    if (store == nullptr) continue;
    const bool outer =
        i < own &&
        std::any_of(path.begin() + static_cast<std::ptrdiff_t>(i) + 1,
                    path.begin() + static_cast<std::ptrdiff_t>(own), [&](const PathNode& node) {
                      const Store* inner = std::get_if<Store>(&node);
                      return inner != nullptr && inner->tensor == store->tensor;
                    });
    if (!outer) widths.push_back(all[next]);
    ++next;
  }
  return widths;
}

/// Widths of what the Stores of the stack's path exchange with each other: partial sums only of the
/// result.
std::vector<StoreWidth> copy_widths(const Workload& workload, const FusedStack& stack,
                                    const FusedPlan& plan) {
  const std::size_t last = stack.children.size() - 1;
  const Operator& driver = workload.operators[stack.driver()];
  const std::vector<PathNode> path = own_path(workload, stack.path, stack.children[last]);
  const std::vector<StoreWidth> of_driver = store_widths(driver, path);
  std::vector<StoreWidth> widths;
  for (const PathNode& node : stack.path) {
    const Store* store = std::get_if<Store>(&node);
    if (store == nullptr) continue;
    const auto tensor = std::ranges::find(plan.tensors, store->tensor, &StackTensor::tensor);
    if (tensor->role != StackRole::result) {
      const std::size_t user =
          tensor->writers.empty() ? tensor->readers.front() : tensor->writers.front();
      const std::int64_t bits =
          find_operand(workload.operators[stack.children[user].op], store->tensor)->bits;
      widths.push_back({bits, bits});
      continue;
    }
    std::size_t s = 0;
    for (std::size_t i = 0; path[i] != node; ++i) {
      if (std::holds_alternative<Store>(path[i])) ++s;
    }
    widths.push_back(of_driver[s]);
  }
  return widths;
}

void add_bits(std::vector<PortTime>& ports, MemoryId memory, PortKind kind, double bits) {
  for (PortTime& port : ports) {
    if (port.memory != memory || port.kind != kind) continue;
    port.bits += bits;
    return;
  }
  ports.push_back({memory, kind, bits, {}});
}

/// (F7) latency = max( Σ children, every port: all its bits / bandwidth )
void set_latency(const Architecture& arch, const std::vector<StoreWidth>& widths,
                 FusedEvaluation& result) {
  for (const FusedChild& child : result.children) {
    result.sequential.value = checked_add(result.sequential.value, child.latency.total.value);
    for (const PortTime& port : child.latency.ports) {
      add_bits(result.ports, port.memory, port.kind, port.bits);
    }
  }
  for (std::size_t s = 0; s < result.copies.size(); ++s) {
    const MemoryId memory = result.copies[s].store.memory;
    const StoreBits bits = store_traffic_bits(result.copies[s], widths[s]);
    add_bits(result.ports, memory, PortKind::read, bits.read);
    add_bits(result.ports, memory, PortKind::write, bits.written);
    if (arch.memories[memory].ports.shared) {
      add_bits(result.ports, memory, PortKind::shared, bits.read + bits.written);
    }
  }
  result.latency = result.sequential;
  for (std::size_t p = 0; p < result.ports.size(); ++p) {
    PortTime& port = result.ports[p];
    const Ports& ports = arch.memories[port.memory].ports;
    const std::optional<double>& bandwidth = port.kind == PortKind::read    ? ports.read
                                             : port.kind == PortKind::write ? ports.write
                                                                            : ports.shared;
    if (bandwidth) port.cycles = whole_cycles(port.bits / *bandwidth);
    if (port.cycles <= result.latency) continue;
    result.latency = port.cycles;
    result.bound_by_port = p;
  }
}

/// (F6) The peak of what lives in every memory at a time.
std::vector<Occupancy> occupancy_of(const Architecture& arch, const std::vector<StackPeak>& peaks) {
  std::vector<Occupancy> found;
  for (const StackPeak& peak : peaks) {
    Occupancy occupancy{peak.memory, Bits{peak.bits}, arch.memories[peak.memory].capacity, {}};
    for (const StackOccupant& at : peak.occupants) {
      occupancy.buffers.push_back({at.tensor, Bits{at.bits}});
    }
    found.push_back(std::move(occupancy));
  }
  return found;
}

/// The copies between the Stores of the stack's path, and with them the whole.
void add_copies(const Workload& workload, const Architecture& arch, const FusedStack& stack,
                const FusedPlan& plan, std::vector<StoreCounts> copies, FusedEvaluation& result) {
  const std::vector<StoreWidth> widths = copy_widths(workload, stack, plan);
  PathCounts counts;
  counts.stores = std::move(copies);
  result.copy_energy = store_energy(arch, counts, widths);
  result.copies = std::move(counts.stores);
  result.energy = total_energy(result.copy_energy, result.energy);
  set_latency(arch, widths, result);
}

/// What the child's own Stores fetch; nothing of what its points do.
PathCounts only_fetched(const FusedStack& stack, std::size_t child, PathCounts counts) {
  const std::vector<PathNode>& own = stack.children[child].path;
  const std::size_t homes = counts.stores.size() - own.size();
  for (std::size_t s = 0; s < counts.stores.size(); ++s) {
    StoreCounts& at = counts.stores[s];
    const bool feeds = std::ranges::any_of(
        own, [&](const PathNode& node) { return std::get<Store>(node).tensor == at.store.tensor; });
    StoreCounts rest{at.store, at.role};
    rest.instances = at.instances;
    if (feeds && s < homes) {
      rest.reads = at.reads;
      rest.deliveries = at.deliveries;
    } else if (feeds) {
      rest.fills = at.fills;
    }
    at = rest;
  }
  return counts;
}

/// (B1), (B2) of all runs of a child, which are timed together; equal runs are bounded once.
LeastWork work_of_runs(const Operator& op, const Architecture& inner,
                       const std::vector<std::vector<RankBox>>& runs) {
  std::map<std::vector<std::int64_t>, LeastWork> known;
  LeastWork sum;
  for (const std::vector<RankBox>& at_iteration : runs) {
    for (const RankBox& run : at_iteration) {
      const auto [at, is_new] = known.try_emplace(run_class(op, run));
      if (is_new) at->second = least_work(normalised(op, run), inner);
      sum += at->second;
    }
  }
  // A sum over runs may lie above the whole number that it is.
  for (double& port : sum.ports) port *= 1 - kRounding;
  return sum;
}

}  // namespace

FusedEvaluation fused_bound(const Workload& workload, const Architecture& arch,
                            const Architecture& inner, const FusedStack& stack,
                            const FusedPlan& plan, const std::vector<bool>& unbounded) {
  FusedCounts counts = count_fused(workload, arch, stack, plan);
  FusedEvaluation result;
  for (std::size_t c = 0; c < stack.children.size(); ++c) {
    const Operator& op = workload.operators[stack.children[c].op];
    const LeastWork runs = unbounded[c] ? LeastWork{} : work_of_runs(op, inner, plan.runs[c]);
    const std::vector<StoreWidth> widths = child_widths(workload, stack, c);
    FusedChild child;
    child.counts = only_fetched(stack, c, std::move(counts.children[c]));
    child.latency.total = runs.latency();
    for (std::size_t s = 0; s < child.counts.stores.size(); ++s) {
      const MemoryId memory = child.counts.stores[s].store.memory;
      const StoreBits bits = store_traffic_bits(child.counts.stores[s], widths[s]);
      child.latency.ports.push_back({memory, PortKind::read, bits.read, {}});
      child.latency.ports.push_back({memory, PortKind::write, bits.written, {}});
      if (arch.memories[memory].ports.shared)
        child.latency.ports.push_back({memory, PortKind::shared, bits.read + bits.written, {}});
    }
    result.energy += total_energy(store_energy(arch, child.counts, widths), runs.energy);
    result.children.push_back(std::move(child));
  }
  add_copies(workload, arch, stack, plan, std::move(counts.stores), result);
  return result;
}

FusedEvaluation evaluate_fused(const Workload& workload, const Architecture& arch,
                               const FusedStack& stack) {
  FusedPlan made = plan(workload, stack);
  follow(workload, stack, made);
  return evaluate_fused(workload, arch, stack, made, stack_peaks(workload, arch, stack, made));
}

FusedEvaluation evaluate_fused(const Workload& workload, const Architecture& arch,
                               const FusedStack& stack, const FusedPlan& made,
                               const std::vector<StackPeak>& peaks) {
  FusedCounts counts = count_fused(workload, arch, stack, made);
  FusedEvaluation result;
  result.iterations = counts.iterations;
  for (std::size_t c = 0; c < stack.children.size(); ++c) {
    const Operator& op = workload.operators[stack.children[c].op];
    const std::vector<StoreWidth> widths = child_widths(workload, stack, c);
    FusedChild child;
    child.op = stack.children[c].op;
    child.counts = std::move(counts.children[c]);
    child.runs = counts.runs[c];
    child.store_energy = store_energy(arch, child.counts, widths);
    child.latency = latency(arch, child.counts, widths);
    // (F8) energy = Σ children: (E1) to (E3) of all points computed, and (E1), (E2) of the copies
    const Energy& each = macs(op) > 0 ? arch.compute.mac : arch.compute.other;
    child.compute_energy = static_cast<double>(child.counts.points) * each.value;
    result.energy += total_energy(child.store_energy, child.compute_energy);
    result.recomputed = checked_add(result.recomputed, child.counts.points);
    result.children.push_back(std::move(child));
  }
  for (const LeafPath& leaf : stack.children) {
    result.recomputed -= points(workload.operators[leaf.op]);
  }
  // What nobody needs is not computed at all.
  result.recomputed = std::max<std::int64_t>(result.recomputed, 0);
  add_copies(workload, arch, stack, made, std::move(counts.stores), result);
  result.occupancy = occupancy_of(arch, peaks);
  return result;
}

}  // namespace tileloom::cost
