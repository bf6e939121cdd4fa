#include "tileloom/cost/bounds.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "tileloom/cost/energy.hpp"
#include "tileloom/support/checked.hpp"

namespace tileloom::cost {
namespace {

/// At least so many distinct indices of an axis are used: all of the hull inside the tensor if it
/// has no holes, else the most that one term alone reaches.
std::int64_t used_indices(const Operator& op, const Axis& axis) {
  std::vector<Term> terms = axis.terms;
  std::ranges::sort(terms, {}, &Term::coefficient);
  std::int64_t reach = 1;
  std::int64_t most = 0;
  bool dense = true;
  for (const Term& term : terms) {
    const std::int64_t extent = op.rank(term.rank).extent;
    if (extent > 1 && term.coefficient > reach) dense = false;
    reach = checked_add(reach, checked_mul(term.coefficient, extent - 1));
    // Indices offset + c·v inside [0, extent), all other terms at 0.
    const std::int64_t first = axis.offset < 0 ? ceil_div(-axis.offset, term.coefficient) : 0;
    const std::int64_t room = axis.extent - 1 - axis.offset;
    const std::int64_t last = room < 0 ? -1 : std::min(extent - 1, room / term.coefficient);
    most = std::max(most, last - first + 1);
  }
  if (!dense) return most;
  const std::int64_t from = std::max<std::int64_t>(axis.offset, 0);
  const std::int64_t to = std::min(axis.offset + reach, axis.extent);
  return std::max<std::int64_t>(to - from, 0);
}

double used_elements(const Operator& op, const Operand& operand) {
  double product = 1;
  for (const Axis& axis : operand.axes) product *= static_cast<double>(used_indices(op, axis));
  return product;
}

/// Points of the iteration space at which the operand's element exists (is not padding), at least.
double used_points(const Operator& op, const Operand& operand) {
  double product = 1;
  for (RankId rank : ids<RankId>(op.ranks.size())) {
    if (!relevant(operand, rank)) product *= static_cast<double>(op.rank(rank).extent);
  }
  return product * used_elements(op, operand);
}

MemoryId home_of(const Architecture& arch, Role role) {
  for (const MemoryId memory : ids<MemoryId>(arch.memories.size())) {
    if (arch.memories[memory].holds[static_cast<std::size_t>(role)]) return memory;
  }
  return MemoryId{0};
}

double per_bit(const Memory& memory, const Energy& access) {
  return access.value.value /
         (static_cast<double>(memory.word.value) * static_cast<double>(memory.block));
}

/// The most lanes that one access of `memory` can serve.
double widest_sharing(const Architecture& arch, MemoryId memory, bool output) {
  double product = 1;
  for (const AxisId axis : ids<AxisId>(arch.axes.size())) {
    const bool can = output ? arch.axes[axis].reduce : arch.axes[axis].multicast;
    if (can && !replicated(arch, memory, axis))
      product *= static_cast<double>(arch.axes[axis].size);
  }
  return product;
}

/// (B2) one operand: the cheapest choice of innermost memory.
double operand_energy(const Operator& op, const Architecture& arch, const Operand& operand) {
  const bool output = operand.role == Role::output;
  const MemoryId home = home_of(arch, operand.role);
  const auto bits = static_cast<double>(std::min(operand.bits, operand.partial_bits));
  const double used = used_elements(op, operand) * bits;
  const double uses = used_points(op, operand) * bits;
  const auto inward = [&](MemoryId m) {  // what serves the lanes or takes their updates
    return per_bit(arch.memories[m], output ? arch.memories[m].write : arch.memories[m].read);
  };
  double best = std::numeric_limits<double>::infinity();
  for (const MemoryId memory : ids<MemoryId>(arch.memories.size())) {
    if (!arch.memories[memory].holds[static_cast<std::size_t>(operand.role)]) continue;
    const double lanes_term = uses / widest_sharing(arch, memory, output);
    if (memory == home) {
      best = std::min(best, std::max(lanes_term, used) * inward(memory));
      continue;
    }
    const Memory& inner = arch.memories[memory];
    const double copy = used * (inward(home) + per_bit(inner, output ? inner.read : inner.write));
    best = std::min(best, copy + std::max(lanes_term, used) * inward(memory));
  }
  return best;
}

/// (B1) ports of the homes: every used element passes once.
std::vector<double> home_port_cycles(const Operator& op, const Architecture& arch) {
  std::vector<double> cycles;
  for (const MemoryId memory : ids<MemoryId>(arch.memories.size())) {
    double read = 0;
    double written = 0;
    for (const Operand* operand : operands(op)) {
      if (home_of(arch, operand->role) != memory) continue;
      const double bits = used_elements(op, *operand) *
                          static_cast<double>(std::min(operand->bits, operand->partial_bits));
      (operand->role == Role::output ? written : read) += bits;
    }
    const Ports& ports = arch.memories[memory].ports;
    const auto copies = static_cast<double>(instances(arch, memory));
    cycles.push_back(ports.read ? read / copies / *ports.read : 0);
    cycles.push_back(ports.write ? written / copies / *ports.write : 0);
    cycles.push_back(ports.shared ? (read + written) / copies / *ports.shared : 0);
  }
  return cycles;
}

}  // namespace

LeastWork& LeastWork::operator+=(const LeastWork& other) {
  compute += other.compute;
  energy += other.energy;
  ports.resize(std::max(ports.size(), other.ports.size()));
  for (std::size_t p = 0; p < other.ports.size(); ++p) ports[p] += other.ports[p];
  return *this;
}

Cycles LeastWork::latency() const {
  const double slowest = ports.empty() ? 0 : std::ranges::max(ports);
  return {static_cast<std::int64_t>(std::ceil(std::max(compute, slowest)))};
}

LeastWork least_work(const Operator& op, const Architecture& arch) {
  LeastWork work;
  const std::int64_t steps = ceil_div(points(op), lanes(arch));
  work.compute = static_cast<double>(steps) * arch.compute.cycles_per_operation;
  work.ports = home_port_cycles(op, arch);
  work.energy = compute_energy(op, arch);
  for (const Operand* operand : operands(op)) {
    work.energy += Picojoules{operand_energy(op, arch, *operand)};
  }
  return work;
}

LowerBound lower_bound(const Operator& op, const Architecture& arch) {
  const LeastWork work = least_work(op, arch);
  return {work.latency(), work.energy};
}

}  // namespace tileloom::cost
