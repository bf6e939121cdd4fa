#include "tileloom/workload/workload.hpp"

#include <algorithm>

#include "tileloom/support/checked.hpp"

namespace tileloom {

std::string to_string(TensorKind kind) {
  switch (kind) {
    case TensorKind::input:
      return "input";
    case TensorKind::constant:
      return "constant";
    case TensorKind::intermediate:
      return "intermediate";
    case TensorKind::output:
      return "output";
  }
  return {};
}

std::string to_string(NodeStatus status) {
  switch (status) {
    case NodeStatus::mapped:
      return "mapped";
    case NodeStatus::folded:
      return "folded";
    case NodeStatus::unmapped:
      return "unmapped";
  }
  return {};
}

std::int64_t elements(const Tensor& tensor) {
  std::int64_t product = 1;
  for (const std::int64_t extent : tensor.shape) product = checked_mul(product, extent);
  return product;
}

std::vector<OperatorId> producers(const Workload& workload, TensorId tensor) {
  std::vector<OperatorId> found;
  for (const OperatorId id : ids<OperatorId>(workload.operators.size())) {
    if (workload.operators[id].output.tensor == tensor) found.push_back(id);
  }
  return found;
}

std::vector<OperatorId> consumers(const Workload& workload, TensorId tensor) {
  std::vector<OperatorId> found;
  for (const OperatorId id : ids<OperatorId>(workload.operators.size())) {
    const bool reads =
        std::ranges::any_of(workload.operators[id].inputs,
                            [&](const Operand& input) { return input.tensor == tensor; });
    if (reads) found.push_back(id);
  }
  return found;
}

std::int64_t macs(const Workload& workload) {
  std::int64_t total = 0;
  for (const Operator& op : workload.operators) total = checked_add(total, macs(op));
  return total;
}

}  // namespace tileloom
