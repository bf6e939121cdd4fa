#include "tileloom/target/x86_vnni/region.hpp"

#include <algorithm>
#include <map>
#include <optional>

namespace tileloom::x86_vnni {
namespace {

using Layers = PerId<OperatorId, tl::expected<Layer, std::string>>;

/// Per operator the number of its part; operators that are no layers stand alone.
std::vector<std::size_t> parts_of(const Workload& workload, const Layers& layers) {
  std::vector<std::size_t> part(layers.size());
  for (std::size_t i = 0; i < part.size(); ++i) part[i] = i;
  for (const TensorId tensor : ids<TensorId>(workload.tensors.size())) {
    std::vector<OperatorId> around = producers(workload, tensor);
    if (around.empty()) continue;
    for (const OperatorId reader : consumers(workload, tensor)) around.push_back(reader);
    std::erase_if(around, [&](OperatorId id) { return !layers[id].has_value(); });
    for (const OperatorId id : around) {
      const std::size_t from = part[index(id)], to = part[index(around.front())];
      std::ranges::replace(part, from, to);
    }
  }
  return part;
}

std::optional<std::size_t> largest(const std::vector<std::size_t>& part, const Layers& layers) {
  std::map<std::size_t, std::size_t> count;
  std::optional<std::size_t> best;
  for (const OperatorId id : ids<OperatorId>(layers.size())) {
    if (layers[id]) ++count[part[index(id)]];
  }
  for (const std::size_t p : part) {
    if (count.contains(p) && (!best || count[p] > count[*best])) best = p;
  }
  return best;
}

/// Tensors as the part sees them: made inside, given, or needed outside.
void mark_tensors(const Workload& from, const std::vector<bool>& kept, Workload& part) {
  for (const TensorId id : ids<TensorId>(part.tensors.size())) {
    Tensor& tensor = part.tensors[id];
    if (tensor.kind == TensorKind::constant) continue;
    const auto outside = [&](OperatorId op) { return !kept[index(op)]; };
    const std::vector<OperatorId> makers = producers(part, id);
    const std::vector<OperatorId> readers = consumers(from, id);
    if (makers.empty()) {
      tensor.kind = TensorKind::input;
    } else if (readers.empty() || std::ranges::any_of(readers, outside)) {
      tensor.kind = TensorKind::output;
    }
  }
  for (const Operator& op : part.operators) {
    for (const Operand& input : op.inputs) {
      if (input.role == Role::weight) part.tensors[input.tensor].kind = TensorKind::constant;
    }
  }
}

}  // namespace

Region runnable_region(const Workload& workload) {
  Layers layers;
  for (const Operator& op : workload.operators) layers.push_back(layer_of(workload, op));
  const std::vector<std::size_t> part = parts_of(workload, layers);
  const std::optional<std::size_t> best = largest(part, layers);
  Region region;
  region.workload.name = workload.name;
  region.workload.tensors = workload.tensors;
  std::vector<bool> kept;
  for (const OperatorId id : ids<OperatorId>(layers.size())) {
    const Operator& op = workload.operators[id];
    kept.push_back(layers[id] && part[index(id)] == best);
    if (kept.back()) {
      region.workload.operators.push_back(op);
      region.layers.push_back(*layers[id]);
    } else {
      region.left_out.push_back(
          {op.name, layers[id] ? "a larger part is not connected to it" : layers[id].error()});
    }
  }
  mark_tensors(workload, kept, region.workload);
  return region;
}

}  // namespace tileloom::x86_vnni
