#include "tileloom/scheduler/exact/network_bound.hpp"

#include <algorithm>
#include <cmath>
#include <set>

namespace tileloom::scheduler {
namespace {

/// Indices needed on every axis with more than one index; their product is needed for certain.
struct Needed {
  std::vector<std::int64_t> extents;
  std::vector<std::set<std::int64_t>> indices;

  double elements() const {
    double product = 1;
    for (const std::set<std::int64_t>& axis : indices) product *= static_cast<double>(axis.size());
    return product;
  }
};

std::set<std::int64_t> all_of(std::int64_t extent) {
  std::set<std::int64_t> all;
  for (std::int64_t i = 0; i < extent; ++i) all.insert(all.end(), i);
  return all;
}

/// What an operand touches if its ranks take the given values.
Needed touched(const Operand& operand, const std::vector<std::set<std::int64_t>>& values) {
  Needed needed;
  for (const Axis& axis : operand.axes) {
    std::set<std::int64_t> sums{axis.offset};
    for (const Term& term : axis.terms) {
      std::set<std::int64_t> more;
      for (const std::int64_t sum : sums) {
        for (const std::int64_t value : values[index(term.rank)]) {
          more.insert(more.end(), sum + term.coefficient * value);
        }
      }
      sums = std::move(more);
    }
    std::erase_if(sums, [&](std::int64_t i) { return i < 0 || i >= axis.extent; });
    if (axis.extent == 1 && !sums.empty()) continue;
    needed.extents.push_back(axis.extent);
    needed.indices.push_back(std::move(sums));
  }
  return needed;
}

class Demand {
 public:
  explicit Demand(const Workload& workload) : workload_(workload), of_(workload.tensors.size()) {}

  /// Values that the operator's ranks take for certain; empty sets if nothing is known.
  std::vector<std::set<std::int64_t>> values(const Operator& op) const {
    std::vector<std::set<std::int64_t>> values;
    for (const Rank& rank : op.ranks) values.push_back(all_of(rank.extent));
    if (workload_.tensors[op.output.tensor].kind == TensorKind::output) return values;
    const std::optional<Needed>& needed = of_[op.output.tensor];
    const std::vector<std::set<std::int64_t>> none(op.ranks.size());
    if (!needed) return none;
    // All of it is all of it in any view.
    if (needed->elements() == static_cast<double>(elements(workload_.tensors[op.output.tensor])))
      return values;
    std::size_t next = 0;
    for (const Axis& axis : op.output.axes) {
      if (axis.extent == 1) continue;
      if (next == needed->extents.size() || needed->extents[next] != axis.extent) return none;
      const std::set<std::int64_t>& indices = needed->indices[next++];
      if (axis.terms.empty()) continue;
      if (axis.terms.size() > 1 || axis.terms[0].coefficient > 1) continue;  // never cut
      std::erase_if(values[index(axis.terms[0].rank)],
                    [&](std::int64_t value) { return !indices.contains(value + axis.offset); });
    }
    return next == needed->extents.size() ? values : none;
  }

  /// Of several readers the one that needs most: what they need together is not less.
  void add(const Operand& input, const std::vector<std::set<std::int64_t>>& values) {
    Needed needed = touched(input, values);
    std::optional<Needed>& known = of_[input.tensor];
    if (!known || known->elements() < needed.elements()) known = std::move(needed);
  }

  double asked(TensorId id) const { return of_[id] ? of_[id]->elements() : 0; }

 private:
  const Workload& workload_;
  PerId<TensorId, std::optional<Needed>> of_;
};

double product(const std::vector<std::set<std::int64_t>>& values) {
  double points = 1;
  for (const std::set<std::int64_t>& rank : values) points *= static_cast<double>(rank.size());
  return points;
}

}  // namespace

cost::LowerBound network_bound(const Workload& workload, const Architecture& arch) {
  Demand demand(workload);
  cost::LowerBound bound;
  double cycles = 0;
  PerId<TensorId, std::int64_t> bits(workload.tensors.size());
  PerId<TensorId, double> written(workload.tensors.size());
  for (std::size_t i = workload.operators.size(); i-- > 0;) {
    const Operator& op = workload.operators[static_cast<OperatorId>(i)];
    const std::vector<std::set<std::int64_t>> values = demand.values(op);
    const double points = product(values);
    if (points == 0) continue;
    bound.energy += points * (macs(op) > 0 ? arch.compute.mac : arch.compute.other).value;
    cycles +=
        std::ceil(points / static_cast<double>(lanes(arch))) * arch.compute.cycles_per_operation;
    for (const Operand& input : op.inputs) {
      demand.add(input, values);
      bits[input.tensor] = input.bits;
    }
    if (workload.tensors[op.output.tensor].kind == TensorKind::output) {
      bits[op.output.tensor] = op.output.bits;
      written[op.output.tensor] += touched(op.output, values).elements();
    }
  }
  double in = 0;
  double out = 0;
  for (const TensorId id : ids<TensorId>(workload.tensors.size())) {
    const TensorKind kind = workload.tensors[id].kind;
    const bool given = kind == TensorKind::input || kind == TensorKind::constant;
    if (given) in += demand.asked(id) * static_cast<double>(bits[id]);
    out += written[id] * static_cast<double>(bits[id]);
  }
  const Memory& home = arch.memories[MemoryId{0}];
  const double access = static_cast<double>(home.word.value) * static_cast<double>(home.block);
  bound.energy += (in / access) * home.read.value + (out / access) * home.write.value;
  if (home.ports.read) cycles = std::max(cycles, in / *home.ports.read);
  if (home.ports.write) cycles = std::max(cycles, out / *home.ports.write);
  if (home.ports.shared) cycles = std::max(cycles, (in + out) / *home.ports.shared);
  bound.latency.value = static_cast<std::int64_t>(std::ceil(cycles));
  return bound;
}

}  // namespace tileloom::scheduler
