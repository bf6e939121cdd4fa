#include "tileloom/mapper/exact/bound.hpp"

#include <algorithm>
#include <cmath>

#include "tileloom/cost/energy.hpp"
#include "tileloom/mapper/exact/compulsory.hpp"
#include "tileloom/support/checked.hpp"

namespace tileloom::mapper {
namespace {

/// Guards the certificate against the rounding of sums taken in another order.
constexpr double kSlack = 1.0 - 1e-12;

BoundOperand view(const MapSpace& space, const Operand& operand, std::uint32_t keeps) {
  const Operator& op = *space.op;
  BoundOperand result;
  result.tensor = operand.tensor;
  result.output = operand.role == Role::output;
  result.used = used_elements(op, operand);
  result.hull = hull_elements(op, operand);
  result.uses = uses(op, operand);
  result.bits = static_cast<double>(result.output ? std::min(operand.bits, operand.partial_bits)
                                                  : operand.bits);
  for (const RankId rank : ids<RankId>(op.ranks.size())) {
    result.relevant.push_back(relevant(operand, rank));
  }
  for (const Axis& axis : operand.axes) {
    if (axis.terms.size() < 2) continue;
    result.joint.emplace_back();
    for (const Term& term : axis.terms) result.joint.back().push_back(index(term.rank));
  }
  for (const MemoryId memory : ids<MemoryId>(space.arch->memories.size())) {
    if ((keeps >> index(memory) & 1) != 0) result.chain.push_back(memory);
  }
  for (std::size_t i = 0; i < result.chain.size(); ++i) {
    std::optional<MemoryId> inner;
    if (i + 1 < result.chain.size()) inner = result.chain[i + 1];
    result.hops.push_back(cost::hop_energy(*space.arch, result.chain[i], inner).value);
  }
  return result;
}

/// Bits that pass the ports of one memory, all instances together.
struct PortLoad {
  double read = 0;
  double written = 0;
};

/// Everything a bound adds up.
struct Sum {
  explicit Sum(std::size_t memories) : ports(memories) {}
  std::vector<PortLoad> ports;
  double network = 0;
};

/// The factors of a choice, seen from one operand.
class Sharing {
 public:
  Sharing(const MapSpace& space, const std::vector<AxisId>& axes, const BoundOperand& operand,
          const SpatialChoice& choice)
      : space_(space), axes_(axes), operand_(operand), choice_(choice) {}

  /// (X1) Buffers of a Store in `memory` that hold copies of the same elements: ∏ of the decided
  /// factors of irrelevant ranks along axes that replicate it.
  double copies(MemoryId memory) const {
    double product = 1;
    for (std::size_t a = 0; a < axes_.size(); ++a) {
      if (replicated(*space_.arch, memory, axes_[a])) product *= irrelevant(a);
    }
    return product;
  }

  /// (X2) The same, seen from `outer`: copies along axes that can share one access count once.
  double copies_seen(MemoryId outer, MemoryId inner) const {
    double product = 1;
    for (std::size_t a = 0; a < axes_.size(); ++a) {
      if (!replicated(*space_.arch, inner, axes_[a])) continue;
      if (replicated(*space_.arch, outer, axes_[a]) || !can_share(a)) product *= irrelevant(a);
    }
    return product;
  }

  /// (X3) The most lanes that one access of `memory` serves: along axes inside it that can share,
  /// the undecided room, all decided factors of irrelevant ranks, and of ranks that share an axis
  /// of the operand all but the largest.
  double most_served(MemoryId memory) const {
    double product = 1;
    std::vector<double> together(operand_.relevant.size(), 1.0);
    for (std::size_t a = 0; a < axes_.size(); ++a) {
      if (replicated(*space_.arch, memory, axes_[a]) || !can_share(a)) continue;
      product *= static_cast<double>(choice_.room[a]) * irrelevant(a);
      for (std::size_t r = 0; r < together.size(); ++r) together[r] *= factor(a, r);
    }
    for (const std::vector<std::size_t>& ranks : operand_.joint) {
      double all = 1;
      double largest = 1;
      for (const std::size_t r : ranks) {
        all *= together[r];
        largest = std::max(largest, together[r]);
      }
      product *= all / largest;
    }
    return product;
  }

 private:
  double factor(std::size_t axis, std::size_t rank) const {
    return static_cast<double>(choice_.factors[axis * operand_.relevant.size() + rank]);
  }
  double irrelevant(std::size_t axis) const {
    double product = 1;
    for (std::size_t r = 0; r < operand_.relevant.size(); ++r) {
      if (!operand_.relevant[r]) product *= factor(axis, r);
    }
    return product;
  }
  bool can_share(std::size_t axis) const {
    const SpatialAxis& spatial = space_.arch->axes[axes_[axis]];
    return operand_.output ? spatial.reduce : spatial.multicast;
  }

  const MapSpace& space_;
  const std::vector<AxisId>& axes_;
  const BoundOperand& operand_;
  const SpatialChoice& choice_;
};

/// Bits that cross between a Store and its children.
struct Crossing {
  double outer_read = 0;     ///< inputs: fills of children; outputs: partial sums
  double outer_written = 0;  ///< outputs: updates
  double inner_read = 0;     ///< outputs: drains of the children
  double inner_written = 0;  ///< fills of the children
  double delivered = 0;
  bool exact = false;
};

/// The crossing below the i-th Store of an operand if it is decided.
std::optional<Crossing> decided_crossing(const BoundOperand& operand, std::size_t i,
                                         const Decided* decided) {
  if (decided == nullptr || i + 1 == operand.chain.size()) return std::nullopt;
  if (operand.chain[i + 1] > decided->until) return std::nullopt;
  Crossing crossing;
  crossing.exact = true;
  for (std::size_t s = 0; s < decided->counts.stores.size(); ++s) {
    const cost::StoreCounts& store = decided->counts.stores[s];
    if (store.store.tensor != operand.tensor) continue;
    const auto below = static_cast<double>(decided->widths[s].below);
    const auto above = static_cast<double>(decided->widths[s].above);
    if (store.store.memory == operand.chain[i]) {
      crossing.outer_read = static_cast<double>(store.reads + store.update_reads) * below;
      crossing.outer_written = static_cast<double>(store.updates) * below;
      crossing.delivered = static_cast<double>(store.deliveries) * below;
    }
    if (store.store.memory == operand.chain[i + 1]) {
      crossing.inner_read = static_cast<double>(store.drains) * above;
      crossing.inner_written = static_cast<double>(store.fills) * above;
    }
  }
  return crossing;
}

/// (X4) The least that crosses below the i-th Store; `entering` is what crosses above it.
Crossing least_crossing(const BoundOperand& operand, std::size_t i, const Sharing& sharing,
                        const Crossing& entering) {
  const MemoryId memory = operand.chain[i];
  const bool innermost = i + 1 == operand.chain.size();
  const double across =
      operand.bits * (innermost ? std::max(operand.uses / sharing.most_served(memory),
                                           operand.used * sharing.copies(memory))
                                : operand.used * sharing.copies_seen(memory, operand.chain[i + 1]));
  const double below =
      operand.bits *
      (innermost ? operand.uses : operand.used * sharing.copies(operand.chain[i + 1]));
  Crossing crossing;
  crossing.delivered = below;
  if (!operand.output) {
    crossing.outer_read = across;
    if (!innermost) crossing.inner_written = below;
    return crossing;
  }
  crossing.outer_written = across;
  // Update reads = updates − entries + fills, and every entry is drained.
  const double entries = i == 0 ? operand.hull * operand.bits : entering.inner_read;
  crossing.outer_read = std::max(0.0, across - entries + entering.inner_written);
  if (!innermost) crossing.inner_read = below;
  return crossing;
}

/// Accesses of every Store of one operand.
void add_operand(const BoundOperand& operand, const Sharing& sharing, const Decided* decided,
                 Sum& sum) {
  Crossing above;
  for (std::size_t i = 0; i < operand.chain.size(); ++i) {
    const std::optional<Crossing> exact = decided_crossing(operand, i, decided);
    const Crossing crossing = exact ? *exact : least_crossing(operand, i, sharing, above);
    PortLoad& outer = sum.ports[index(operand.chain[i])];
    outer.read += crossing.outer_read;
    outer.written += crossing.outer_written;
    sum.network += crossing.delivered * operand.hops[i];
    if (i + 1 < operand.chain.size()) {
      PortLoad& inner = sum.ports[index(operand.chain[i + 1])];
      inner.read += crossing.inner_read;
      inner.written += crossing.inner_written;
    }
    above = crossing;
  }
}

double per_bit(const Memory& memory, const Energy& access) {
  return access.value.value /
         (static_cast<double>(memory.word.value) * static_cast<double>(memory.block));
}

double port_cycles(const Ports& ports, const PortLoad& load, double instances) {
  double cycles = 0;
  if (ports.read) cycles = std::max(cycles, load.read / instances / *ports.read);
  if (ports.write) cycles = std::max(cycles, load.written / instances / *ports.write);
  if (ports.shared) {
    cycles = std::max(cycles, (load.read + load.written) / instances / *ports.shared);
  }
  return cycles;
}

}  // namespace

NodeBound::NodeBound(const MapSpace& space, const std::vector<std::uint32_t>& keeps,
                     const cost::Objective& objective)
    : space_(space), objective_(objective) {
  for (const Slot& slot : space.slots) {
    if (slot.axis) axes_.push_back(*slot.axis);
  }
  for (const Operand* operand : operands(*space.op)) {
    const auto resident = std::ranges::find(space.residents, operand->tensor, &Resident::tensor);
    operands_.push_back(
        view(space, *operand, keeps[static_cast<std::size_t>(resident - space.residents.begin())]));
  }
  tensors_differ_ = operands_.size() == space.residents.size();
  for (const Rank& rank : space.op->ranks) points_ *= static_cast<double>(rank.extent);
  compute_energy_ = cost::compute_energy(*space.op, *space.arch).value;
}

double NodeBound::least_steps(const SpatialChoice& choice) const {
  if (std::ranges::any_of(choice.room, [](std::int64_t room) { return room > 1; })) return 1;
  double steps = 1;
  for (std::size_t r = 0; r < space_.ranks(); ++r) {
    std::int64_t rest = space_.op->ranks[r].extent;
    for (std::size_t a = 0; a < axes_.size(); ++a) {
      rest = ceil_div(rest, choice.factors[a * space_.ranks() + r]);
    }
    steps *= static_cast<double>(rest);
  }
  return steps;
}

cost::Score NodeBound::operator()(const SpatialChoice& choice, const Decided* decided) const {
  const Architecture& arch = *space_.arch;
  Sum sum(arch.memories.size());
  for (const BoundOperand& operand : operands_) {
    add_operand(operand, Sharing(space_, axes_, operand, choice),
                tensors_differ_ ? decided : nullptr, sum);
  }
  std::vector<double> positions(axes_.size());
  double lanes = 1;
  for (std::size_t a = 0; a < axes_.size(); ++a) {
    positions[a] = static_cast<double>(choice.room[a]);
    for (std::size_t r = 0; r < space_.ranks(); ++r) {
      positions[a] *= static_cast<double>(choice.factors[a * space_.ranks() + r]);
    }
    lanes *= positions[a];
  }
  double cycles = std::max(points_ / lanes, least_steps(choice)) * arch.compute.cycles_per_operation;
  double energy = compute_energy_ + sum.network;
  for (const MemoryId id : ids<MemoryId>(arch.memories.size())) {
    const Memory& memory = arch.memories[id];
    const PortLoad& load = sum.ports[index(id)];
    energy +=
        load.read * per_bit(memory, memory.read) + load.written * per_bit(memory, memory.write);
    double instances = 1;
    for (std::size_t a = 0; a < axes_.size(); ++a) {
      if (replicated(arch, id, axes_[a])) instances *= positions[a];
    }
    cycles = std::max(cycles, port_cycles(memory.ports, load, instances));
  }
  const auto whole = static_cast<std::int64_t>(std::ceil(cycles * kSlack));
  return cost::score(objective_, {whole}, {energy * kSlack});
}

}  // namespace tileloom::mapper
