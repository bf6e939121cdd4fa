#include "tileloom/driver/precision.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace tileloom::driver {
namespace {

void apply(Operand& operand, const Compute& compute) {
  if (compute.precision) {
    operand.bits = (*compute.precision)[static_cast<std::size_t>(operand.role)];
    operand.partial_bits = operand.bits;
  }
  if (operand.role == Role::output && compute.accumulator_bits) {
    operand.partial_bits = *compute.accumulator_bits;
  }
}

}  // namespace

Workload apply_precision(Workload workload, const Architecture& arch) {
  if (!arch.compute.precision && !arch.compute.accumulator_bits) return workload;
  PerId<TensorId, std::int64_t> widest(workload.tensors.size(), 0);
  for (Operator& op : workload.operators) {
    for (Operand& input : op.inputs) apply(input, arch.compute);
    apply(op.output, arch.compute);
    for (const Operand* operand : operands(op)) {
      widest[operand->tensor] = std::max(widest[operand->tensor], operand->bits);
    }
  }
  for (const TensorId id : ids<TensorId>(workload.tensors.size())) {
    if (widest[id] > 0) workload.tensors[id].bits = widest[id];
  }
  return workload;
}

std::string precision_note(const Architecture& arch) {
  std::string note;
  if (const auto& precision = arch.compute.precision) {
    note = fmt::format("{}-bit inputs, {}-bit weights, {}-bit outputs", (*precision)[0],
                       (*precision)[1], (*precision)[2]);
  }
  if (arch.compute.accumulator_bits) {
    if (!note.empty()) note += ", ";
    note += fmt::format("{}-bit partial sums", *arch.compute.accumulator_bits);
  }
  return note.empty() ? note : note + " (the machine's, instead of the model's types)";
}

}  // namespace tileloom::driver
