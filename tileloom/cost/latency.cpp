#include "tileloom/cost/latency.hpp"

#include <algorithm>
#include <cmath>

#include "tileloom/support/checked.hpp"

namespace tileloom::cost {
namespace {

/// Beyond this a double no longer counts single cycles.
constexpr double kMostCycles = 9.0e15;

/// (L2) cycles(port) = ⌈ bits of one instance / bandwidth ⌉
void add_port(std::vector<PortTime>& ports, MemoryId memory, PortKind kind, double bits,
              const std::optional<double>& bandwidth) {
  ports.push_back({memory, kind, bits, bandwidth ? whole_cycles(bits / *bandwidth) : Cycles{}});
}

}  // namespace

Cycles whole_cycles(double cycles) {
  if (!(cycles < kMostCycles)) throw_overflow();
  return {static_cast<std::int64_t>(std::ceil(cycles))};
}

std::string to_string(PortKind kind) {
  switch (kind) {
    case PortKind::read:
      return "read";
    case PortKind::write:
      return "write";
    case PortKind::shared:
      return "shared";
  }
  return {};
}

StoreBits store_traffic_bits(const StoreCounts& counts, const StoreWidth& width) {
  const auto below = static_cast<double>(width.below);
  const auto above = static_cast<double>(width.above);
  return {.read = static_cast<double>(counts.reads + counts.update_reads) * below +
                  static_cast<double>(counts.drains) * above,
          .written = static_cast<double>(counts.updates) * below +
                     static_cast<double>(counts.fills) * above};
}

Latency latency(const Architecture& arch, const PathCounts& counts,
                const std::vector<StoreWidth>& widths) {
  Latency result;
  // (L1) compute = ⌈ steps · cycles per operation ⌉
  result.compute =
      whole_cycles(static_cast<double>(counts.steps) * arch.compute.cycles_per_operation);
  for (const MemoryId memory : ids<MemoryId>(arch.memories.size())) {
    double read = 0;
    double written = 0;
    std::int64_t in_use = 0;  // the same for all its Stores: 1.6 rule 3
    for (std::size_t s = 0; s < counts.stores.size(); ++s) {
      if (counts.stores[s].store.memory != memory) continue;
      const StoreBits bits = store_traffic_bits(counts.stores[s], widths[s]);
      read += bits.read;
      written += bits.written;
      in_use = counts.stores[s].instances;
    }
    if (in_use == 0) continue;
    read /= static_cast<double>(in_use);
    written /= static_cast<double>(in_use);
    const Ports& ports = arch.memories[memory].ports;
    add_port(result.ports, memory, PortKind::read, read, ports.read);
    add_port(result.ports, memory, PortKind::write, written, ports.write);
    if (ports.shared)
      add_port(result.ports, memory, PortKind::shared, read + written, ports.shared);
  }
  // (L3) total = max(compute, every port)
  result.total = result.compute;
  for (std::size_t p = 0; p < result.ports.size(); ++p) {
    if (result.ports[p].cycles <= result.total) continue;
    result.total = result.ports[p].cycles;
    result.bound_by_port = p;
  }
  return result;
}

double utilisation(const Architecture& arch, const PathCounts& counts, const Latency& latency) {
  const double available =
      static_cast<double>(lanes(arch)) * static_cast<double>(latency.total.value);
  return static_cast<double>(counts.points) * arch.compute.cycles_per_operation / available;
}

}  // namespace tileloom::cost
