#include <fmt/format.h>

#include <algorithm>
#include <unordered_set>

#include "tileloom/io/onnx/lower.hpp"

namespace tileloom::onnx_import {
namespace {

/// "name", or "name_2", "name_3", … if taken.
std::string unique(const std::string& name, std::unordered_set<std::string>& taken) {
  if (taken.insert(name).second) return name;
  for (std::size_t n = 2;; ++n) {
    std::string other = fmt::format("{}_{}", name, n);
    if (taken.insert(other).second) return other;
  }
}

struct Use {
  bool written = false;
  bool read = false;
};

TensorKind kind_of(const Storage& storage, const Use& use) {
  if (storage.constant) return TensorKind::constant;
  if (storage.given) return TensorKind::input;
  if (storage.result) return use.written ? TensorKind::output : TensorKind::input;
  // What an unmapped node makes comes from outside the schedule; what only it reads leaves it.
  if (!use.written) return TensorKind::input;
  return use.read ? TensorKind::intermediate : TensorKind::output;
}

/// Sums of narrow integers are accumulated in 32 bits, as quantised operators define; everything
/// else accumulates in the type of its result.
std::int64_t partial_bits(const Operator& op, const PerId<TensorId, Storage>& storages) {
  const std::int64_t own = storages[op.output.tensor].tensor.bits;
  const bool narrow = std::ranges::all_of(op.inputs, [&](const Operand& input) {
    const Storage& storage = storages[input.tensor];
    return is_integer(storage.type) && storage.tensor.bits <= 16;
  });
  return op.reduction == Reduction::sum && narrow ? std::max<std::int64_t>(own, 32) : own;
}

}  // namespace

Workload finish(Network network, const std::string& name) {
  PerId<TensorId, Use> uses(network.storages.size());
  for (const Operator& op : network.operators) {
    for (const Operand& input : op.inputs) uses[input.tensor].read = true;
    uses[op.output.tensor].written = true;
  }
  Workload workload;
  workload.name = name;
  PerId<TensorId, TensorId> moved(network.storages.size());
  std::unordered_set<std::string> names;
  for (const TensorId id : ids<TensorId>(network.storages.size())) {
    Storage& storage = network.storages[id];
    const Use& use = uses[id];
    if (!use.read && !use.written && !storage.given && !storage.result && !storage.listed) continue;
    if (std::ranges::any_of(storage.tensor.shape, [](auto e) { return e < 1; })) continue;
    storage.tensor.kind = kind_of(storage, use);
    storage.tensor.name = unique(storage.tensor.name, names);
    moved[id] = workload.tensors.push_back(storage.tensor);
  }
  names.clear();
  for (Operator& op : network.operators) {
    op.name = unique(op.name, names);
    const std::int64_t accumulated = partial_bits(op, network.storages);
    for (Operand& input : op.inputs) {
      input.bits = input.partial_bits = network.storages[input.tensor].tensor.bits;
      input.tensor = moved[input.tensor];
    }
    op.output.bits = network.storages[op.output.tensor].tensor.bits;
    op.output.partial_bits = accumulated;
    op.output.tensor = moved[op.output.tensor];
    workload.operators.push_back(std::move(op));
  }
  workload.coverage = std::move(network.coverage);
  return workload;
}

}  // namespace tileloom::onnx_import
