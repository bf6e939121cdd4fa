#include "tileloom/cost/stalling.hpp"

#include <algorithm>
#include <functional>
#include <map>

#include "tileloom/cost/chain.hpp"
#include "tileloom/cost/latency.hpp"
#include "tileloom/loop_tree/boxes.hpp"
#include "tileloom/loop_tree/path_loops.hpp"

namespace tileloom::cost {
namespace {

constexpr std::size_t kPortKinds = 3;
MemoryId memory_of(std::size_t port) { return static_cast<MemoryId>(port / kPortKinds); }
PortKind kind_of(std::size_t port) { return static_cast<PortKind>(port % kPortKinds); }

/// Cycles by port: memory · 3 + kind.
class PortCycles {
 public:
  explicit PortCycles(const Architecture& arch)
      : arch_(&arch), cycles_(arch.memories.size() * kPortKinds, 0.0) {}

  void read(MemoryId memory, double bits) {
    const Ports& ports = arch_->memories[memory].ports;
    add(memory, PortKind::read, bits, ports.read);
    add(memory, PortKind::shared, bits, ports.shared);
  }
  void write(MemoryId memory, double bits) {
    const Ports& ports = arch_->memories[memory].ports;
    add(memory, PortKind::write, bits, ports.write);
    add(memory, PortKind::shared, bits, ports.shared);
  }
  void add(const PortCycles& other) {
    for (std::size_t p = 0; p < cycles_.size(); ++p) cycles_[p] += other.cycles_[p];
  }
  void scale(double factor) {
    for (double& cycles : cycles_) cycles *= factor;
  }
  std::size_t slowest() const {
    return static_cast<std::size_t>(std::ranges::max_element(cycles_) - cycles_.begin());
  }
  double longest() const { return *std::ranges::max_element(cycles_); }

 private:
  void add(MemoryId memory, PortKind kind, double bits, const std::optional<double>& bandwidth) {
    if (!bandwidth) return;
    cycles_[index(memory) * kPortKinds + static_cast<std::size_t>(kind)] += bits / *bandwidth;
  }

  const Architecture* arch_;
  std::vector<double> cycles_;
};

/// One Store below its home, with the exchange of its mean turn.
struct Exchange {
  TensorId tensor{};
  MemoryId memory{};
  bool double_buffered = false;
  double turns = 1;
  PortCycles fill;
  PortCycles drain;
};

/// Exchanges from the outside in, and what the lanes do per step.
struct Machine {
  std::vector<Exchange> exchanges;
  PortCycles lanes;
};

/// Steps of the temporal loops among the first `nodes` nodes of the path. (C6)
double steps_above(const Operator& op, std::span<const PathNode> path, std::size_t nodes) {
  double product = 1;
  for (std::size_t r = 0; r < op.ranks.size(); ++r) {
    Chain chain{op.ranks[r].extent, {}};
    for (const PathNode& node : path.first(nodes)) {
      const Loop* loop = std::get_if<Loop>(&node);
      if (loop == nullptr || index(loop->rank) != r) continue;
      chain.append(loop->tile, loop->axis ? LinkKind::grouped : LinkKind::temporal);
    }
    product *= static_cast<double>(steps(chain));
  }
  return product;
}

/// (L5) turns = the steps down to the last temporal loop above the Store, with more than one trip,
/// over a rank of its tensor
double turns_of(const Operator& op, std::span<const PathNode> path, std::size_t store) {
  const Operand& operand = *find_operand(op, std::get<Store>(path[store]).tensor);
  std::size_t last = 0;
  for (const PathLoop& at : path_loops(op, path.first(store))) {
    const bool moves = !at.loop.axis && at.trips > 1 && relevant(operand, at.loop.rank);
    if (moves) last = at.position + 1;
  }
  return steps_above(op, path, last);
}

double of_one(std::int64_t elements, std::int64_t width, const StoreCounts& store) {
  return static_cast<double>(elements) * static_cast<double>(width) /
         static_cast<double>(store.instances);
}

/// (L5) fill(p), drain(p) = bits through p / (turns · bandwidth)
Exchange exchange_of(const Architecture& arch, const StoreCounts& parent, const StoreCounts& child,
                     std::int64_t width, double turns) {
  const MemoryId outer = parent.store.memory;
  const MemoryId inner = child.store.memory;
  Exchange exchange{
      child.store.tensor, inner,           arch.memories[inner].double_buffered, turns,
      PortCycles(arch),   PortCycles(arch)};
  exchange.fill.write(inner, of_one(child.fills, width, child));
  if (child.role == Role::output) {
    exchange.drain.read(inner, of_one(child.drains, width, child));
    exchange.drain.write(outer, of_one(parent.updates, width, parent));
    exchange.drain.read(outer, of_one(parent.update_reads, width, parent));
  } else {
    exchange.fill.read(outer, of_one(parent.reads, width, parent));
  }
  exchange.fill.scale(1 / turns);
  exchange.drain.scale(1 / turns);
  return exchange;
}

Machine machine_of(const Operator& op, const Architecture& arch, std::span<const PathNode> path,
                   const PathCounts& counts, const std::vector<StoreWidth>& widths) {
  Machine machine{{}, PortCycles(arch)};
  std::map<TensorId, std::size_t> innermost;
  std::size_t s = 0;
  for (std::size_t i = 0; i < path.size(); ++i) {
    if (!std::holds_alternative<Store>(path[i])) continue;
    const StoreCounts& child = counts.stores[s];
    const auto parent = innermost.find(child.store.tensor);
    if (parent != innermost.end()) {
      machine.exchanges.push_back(exchange_of(arch, counts.stores[parent->second], child,
                                              widths[s].above, turns_of(op, path, i)));
    }
    innermost[child.store.tensor] = s++;
  }
  for (const auto& [tensor, inner] : innermost) {
    const StoreCounts& store = counts.stores[inner];
    const std::int64_t width = widths[inner].below;
    machine.lanes.read(store.store.memory, of_one(store.reads + store.update_reads, width, store));
    machine.lanes.write(store.store.memory, of_one(store.updates, width, store));
  }
  machine.lanes.scale(1 / static_cast<double>(counts.steps));
  return machine;
}

enum class Part : std::uint8_t { fill, drain, both };

/// A time the lanes wait and the memory that is to blame.
struct Wait {
  double cycles = 0;
  MemoryId memory{};
};

/// Exchanges that follow each other within a tensor and queue at the ports.
class Joint {
 public:
  Joint(const Architecture& arch, Part part) : part_(part), ports_(arch) {}

  void add(const Exchange& exchange) {
    Wait& chain = chains_.try_emplace(exchange.tensor, Wait{0, exchange.memory}).first->second;
    if (part_ != Part::drain) add(chain, exchange.fill);
    if (part_ != Part::fill) add(chain, exchange.drain);
  }

  /// max( max over tensors of Σ (drain + fill), max_p Σ (drain(p) + fill(p)) )
  Wait longest() const {
    Wait wait{ports_.longest(), memory_of(ports_.slowest())};
    for (const auto& [tensor, chain] : chains_) {
      if (chain.cycles >= wait.cycles) wait = chain;
    }
    return wait;
  }

 private:
  void add(Wait& chain, const PortCycles& transfer) {
    chain.cycles += transfer.longest();
    ports_.add(transfer);
  }

  Part part_;
  std::map<TensorId, Wait> chains_;
  PortCycles ports_;
};

/// (L7) H of the levels with at least `turns` turns
Wait exposed_exchange(const Architecture& arch, const Machine& machine, double turns) {
  Joint joint(arch, Part::both);
  std::map<TensorId, bool> below_single;
  for (const Exchange& exchange : machine.exchanges) {
    if (exchange.turns < turns) continue;
    bool& exposed = below_single[exchange.tensor];
    exposed = exposed || !exchange.double_buffered;
    if (exposed) joint.add(exchange);
  }
  return joint.longest();
}

/// (L9) F or D: all Stores
double all_exchanges(const Architecture& arch, const Machine& machine, Part part) {
  Joint joint(arch, part);
  for (const Exchange& exchange : machine.exchanges) joint.add(exchange);
  return joint.longest().cycles;
}

/// The levels' numbers of turns, inner levels (most turns) first.
std::vector<double> levels(const Machine& machine) {
  std::vector<double> turns;
  for (const Exchange& exchange : machine.exchanges) turns.push_back(exchange.turns);
  std::ranges::sort(turns, std::greater<>());
  turns.erase(std::unique(turns.begin(), turns.end()), turns.end());
  return turns;
}

/// (L8) R_j = max( V_j + H_j, max_p load_j(p) ), V_{j+1} = V_j + (n_{j+1} − 1) · R_j; adds what the
/// lanes wait to the breakdown and returns V_{J+1}.
double run_levels(const Architecture& arch, const Machine& machine, double steps, double step,
                  StallBreakdown& breakdown) {
  const std::vector<double> turns = levels(machine);
  PortCycles load = machine.lanes;
  double inner = steps;
  double work = turns.empty() ? steps * step : steps / turns.front() * step;
  for (std::size_t j = 0; j < turns.size(); ++j) {
    load.scale(inner / turns[j]);
    for (const Exchange& exchange : machine.exchanges) {
      if (exchange.turns != turns[j]) continue;
      load.add(exchange.fill);
      load.add(exchange.drain);
    }
    const Wait exchange = exposed_exchange(arch, machine, turns[j]);
    const double period = std::max(work + exchange.cycles, load.longest());
    const double outer = j + 1 < turns.size() ? turns[j + 1] : 1;
    Stall stall{exchange.memory, std::nullopt, (turns[j] - outer) * (period - work)};
    if (load.longest() > work + exchange.cycles) {
      stall.memory = memory_of(load.slowest());
      stall.port = kind_of(load.slowest());
    }
    if (stall.cycles > 0) breakdown.turns.push_back(stall);
    work += (turns[j] / outer - 1) * period;
    inner = turns[j];
  }
  return work;
}

}  // namespace

void add_stalls(const Operator& op, const Architecture& arch, std::span<const PathNode> path,
                const PathCounts& counts, const std::vector<StoreWidth>& widths, Latency& latency) {
  const Machine machine = machine_of(op, arch, path, counts, widths);
  const auto steps = static_cast<double>(counts.steps);
  // (L6) R_0 = max( cycles per operation, max_p lanes(p) )
  const double step = std::max(arch.compute.cycles_per_operation, machine.lanes.longest());
  StallBreakdown breakdown;
  breakdown.compute = steps * arch.compute.cycles_per_operation;
  breakdown.lane_ports = steps * step - breakdown.compute;
  breakdown.first_fill = all_exchanges(arch, machine, Part::fill);
  breakdown.last_drain = all_exchanges(arch, machine, Part::drain);
  // (L9) total = ⌈ F + V_{J+1} + D ⌉; rounding of sums must not take it below model `overlapped`.
  const double total = breakdown.first_fill + run_levels(arch, machine, steps, step, breakdown) +
                       breakdown.last_drain;
  latency.total = std::max(latency.total, whole_cycles(total * (1 - kRounding)));
  latency.stalls = std::move(breakdown);
}

}  // namespace tileloom::cost
