#include "tileloom/report/schedule/bottleneck.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "tileloom/cost/latency.hpp"
#include "tileloom/cost/occupancy.hpp"
#include "tileloom/loop_tree/path_loops.hpp"
#include "tileloom/report/format.hpp"
#include "tileloom/support/checked.hpp"

namespace tileloom::report {
namespace {

std::optional<double> bandwidth(const Architecture& arch, const cost::PortTime& port) {
  const Ports& ports = arch.memories[port.memory].ports;
  switch (port.kind) {
    case cost::PortKind::read:
      return ports.read;
    case cost::PortKind::write:
      return ports.write;
    case cost::PortKind::shared:
      return ports.shared;
  }
  return std::nullopt;
}

std::string bandwidth_name(const Architecture& arch, const cost::PortTime& port) {
  const std::string kind = port.kind == cost::PortKind::shared ? "" : to_string(port.kind) + " ";
  return fmt::format("{} {}bandwidth", arch.memories[port.memory].name, kind);
}

double ratio(Cycles slow, Cycles fast) {
  return static_cast<double>(slow.value) /
         static_cast<double>(std::max<std::int64_t>(fast.value, 1));
}

/// The slowest port other than `except`, if any takes time.
const cost::PortTime* slowest_port(const cost::Latency& latency,
                                   std::optional<std::size_t> except) {
  const cost::PortTime* slowest = nullptr;
  for (std::size_t p = 0; p < latency.ports.size(); ++p) {
    if (p == except || latency.ports[p].cycles.value == 0) continue;
    if (slowest == nullptr || latency.ports[p].cycles > slowest->cycles)
      slowest = &latency.ports[p];
  }
  return slowest;
}

/// "2.1x more DRAM read bandwidth (64 to 134 bits per cycle) makes it compute-bound"
std::string more_bandwidth(const Architecture& arch, const cost::Latency& latency,
                           std::size_t bound_by) {
  const cost::PortTime& port = latency.ports[bound_by];
  const double to_compute = ratio(port.cycles, latency.compute);
  const cost::PortTime* next = slowest_port(latency, bound_by);
  const bool other_first = next != nullptr && next->cycles > latency.compute;
  const double factor = other_first ? ratio(port.cycles, next->cycles) : to_compute;
  const double now = bandwidth(arch, port).value_or(0);
  if (!other_first) {
    return fmt::format("{} more {} ({:.4g} to {:.4g} bits per cycle) makes it compute-bound",
                       format_factor(factor), bandwidth_name(arch, port), now, now * factor);
  }
  if (factor < 1.005) {
    return fmt::format("{} and {} bind together: compute-bound from {} more of both",
                       bandwidth_name(arch, port), bandwidth_name(arch, *next),
                       format_factor(to_compute));
  }
  return fmt::format(
      "{} more {} ({:.4g} to {:.4g} bits per cycle), then the {} binds; compute-bound from {} more",
      format_factor(factor), bandwidth_name(arch, port), now, now * factor, port_name(arch, *next),
      format_factor(to_compute));
}

double port_bits(const cost::StoreBits& bits, cost::PortKind kind) {
  switch (kind) {
    case cost::PortKind::read:
      return bits.read;
    case cost::PortKind::write:
      return bits.written;
    case cost::PortKind::shared:
      return bits.read + bits.written;
  }
  return 0;
}

std::int64_t tensor_elements(const Operator& op, TensorId tensor) {
  for (const Operand* operand : operands(op)) {
    if (operand->tensor == tensor) return elements(*operand);
  }
  return 1;
}

/// "W is 83.0 % of its bits, every element passing 4.0x: larger tiles of W inside would reduce it"
std::string heaviest_tensor(const Workload& workload, const Operator& op, const Architecture& arch,
                            std::span<const PathNode> path, const cost::PathCounts& counts,
                            const cost::PortTime& port) {
  const std::vector<cost::StoreWidth> widths = cost::store_widths(op, path);
  double total = 0;
  double most = -1;
  std::size_t heaviest = 0;
  for (std::size_t s = 0; s < counts.stores.size(); ++s) {
    if (counts.stores[s].store.memory != port.memory) continue;
    const double bits = port_bits(cost::store_traffic_bits(counts.stores[s], widths[s]), port.kind);
    total += bits;
    if (bits <= most) continue;
    most = bits;
    heaviest = s;
  }
  if (most <= 0) return {};
  const TensorId tensor = counts.stores[heaviest].store.tensor;
  const double once = static_cast<double>(tensor_elements(op, tensor)) *
                      static_cast<double>(widths[heaviest].below);
  const double passes = most / once;
  const std::string name = printable(workload.tensors[tensor].name);
  const std::string share =
      fmt::format("{} is {} of the bits through it", name, format_percent(most / total));
  if (passes < 1.05) {
    const bool fusible = workload.tensors[tensor].kind == TensorKind::intermediate;
    return fmt::format("{}, every element passing once: only fewer bits per element{} reduce that",
                       share, fusible ? " or fusion with the neighbouring layer" : "");
  }
  const bool innermost = index(port.memory) + 1 == arch.memories.size();
  return fmt::format("{}, every element passing {}: {}", share, format_factor(passes),
                     innermost ? "wider sharing among the lanes would reduce that"
                               : "keeping more of it in the memories inside would reduce that");
}

/// The loops on one axis, "C=3": what they fill.
struct AxisUse {
  std::int64_t used = 1;
  std::string ranks;  ///< "C=3", "C=4 K=4"
};

AxisUse axis_use(const Operator& op, std::span<const PathNode> path, AxisId axis) {
  AxisUse use;
  for (const PathLoop& at : path_loops(op, path)) {
    if (at.loop.axis != axis) continue;
    use.used = checked_mul(use.used, at.trips);
    if (!use.ranks.empty()) use.ranks += " ";
    use.ranks += fmt::format("{}={}", op.rank(at.loop.rank).name, at.trips);
  }
  return use;
}

void add_idle_axes(const Operator& op, const Architecture& arch, std::span<const PathNode> path,
                   std::vector<std::string>& relief) {
  struct Idle {
    double share;
    std::string sentence;
  };
  std::vector<Idle> idle;
  for (const AxisId id : ids<AxisId>(arch.axes.size())) {
    const SpatialAxis& axis = arch.axes[id];
    const AxisUse use = axis_use(op, path, id);
    if (use.used >= axis.size) continue;
    const double share = 1.0 - static_cast<double>(use.used) / static_cast<double>(axis.size);
    const std::string why = use.ranks.empty()
                                ? fmt::format("no loop runs on {}, size {}", axis.name, axis.size)
                                : fmt::format("{} fills {} of {} positions of {}", use.ranks,
                                              use.used, axis.size, axis.name);
    idle.push_back(
        {share, fmt::format("{} of the lanes idle because {}", format_percent(share), why)});
  }
  std::ranges::stable_sort(idle, std::greater<>{}, &Idle::share);
  for (Idle& one : idle) relief.push_back(std::move(one.sentence));
}

std::vector<std::string> relieve_compute(const Operator& op, const Architecture& arch,
                                         std::span<const PathNode> path,
                                         const cost::Evaluation& evaluation) {
  std::vector<std::string> relief;
  add_idle_axes(op, arch, path, relief);
  const cost::PathCounts& counts = evaluation.counts;
  const double busy = static_cast<double>(counts.points) /
                      (static_cast<double>(counts.steps) * static_cast<double>(counts.lanes));
  if (busy < 0.9995) {
    relief.push_back(fmt::format("{} of the steps of the lanes in use are lost to partial tiles",
                                 format_percent(1 - busy)));
  }
  if (arch.compute.cycles_per_operation > 1) {
    relief.push_back(
        fmt::format("each operation takes {:.4g} cycles", arch.compute.cycles_per_operation));
  }
  if (relief.empty()) relief.emplace_back("all lanes work in every step: only more lanes help");
  const cost::PortTime* next = slowest_port(evaluation.latency, std::nullopt);
  if (next != nullptr) {
    relief.push_back(fmt::format("next limit: {}, busy {} of the time", port_name(arch, *next),
                                 format_percent(ratio(next->cycles, evaluation.latency.total))));
  }
  return relief;
}

/// What models of time beyond `overlapped` add to the slowest of compute and the ports.
void add_waiting(const cost::Latency& latency, std::vector<std::string>& relief) {
  Cycles slowest = latency.compute;
  for (const cost::PortTime& port : latency.ports) slowest = std::max(slowest, port.cycles);
  if (latency.total <= slowest) return;
  relief.push_back(fmt::format(
      "{} of the time is the first fill, the last drain and waiting between tiles: double "
      "buffering or larger tiles would reduce that",
      format_percent(ratio(latency.total - slowest, latency.total))));
}

}  // namespace

std::string port_name(const Architecture& arch, const cost::PortTime& port) {
  return fmt::format("{} {} port", arch.memories[port.memory].name, to_string(port.kind));
}

Bottleneck bottleneck(const Workload& workload, OperatorId id, const Architecture& arch,
                      std::span<const PathNode> path, const cost::Evaluation& evaluation) {
  const Operator& op = workload.operators[id];
  const cost::Latency& latency = evaluation.latency;
  Bottleneck found;
  if (!latency.bound_by_port) {
    found.bound = "compute";
    found.relief = relieve_compute(op, arch, path, evaluation);
    add_waiting(latency, found.relief);
    return found;
  }
  const cost::PortTime& port = latency.ports[*latency.bound_by_port];
  found.memory = port.memory;
  found.port = port.kind;
  found.bound = port_name(arch, port);
  found.relief.push_back(more_bandwidth(arch, latency, *latency.bound_by_port));
  std::string tensor = heaviest_tensor(workload, op, arch, path, evaluation.counts, port);
  if (!tensor.empty()) found.relief.push_back(std::move(tensor));
  add_waiting(latency, found.relief);
  return found;
}

}  // namespace tileloom::report
