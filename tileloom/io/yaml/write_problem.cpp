#include "tileloom/io/yaml/write_problem.hpp"

#include <fmt/format.h>

#include <array>

#include "tileloom/io/yaml/scalar_text.hpp"
#include "tileloom/workload/axis_text.hpp"

namespace tileloom {
namespace {

using yaml::scalar_text;

std::string operand_text(const Workload& workload, const Operator& op, const Operand& operand) {
  std::string axes;
  std::string shape;
  for (const Axis& axis : operand.axes) {
    axes += (axes.empty() ? "" : ", ") + axis_text(op, axis);
    shape += fmt::format("{}{}", shape.empty() ? "" : ", ", axis.extent);
  }
  std::string role;
  if (operand.role != Role::output)
    role = operand.role == Role::weight ? ", role: weights" : ", role: inputs";
  return fmt::format("{{tensor: {}, axes: [{}], shape: [{}]{}}}",
                     scalar_text(workload.tensors[operand.tensor].name), axes, shape, role);
}

/// Width of the operands of one role, or of the default.
std::int64_t bits_of(const Operator& op, Role role) {
  for (const Operand* operand : operands(op))
    if (operand->role == role) return operand->bits;
  return 8;
}

}  // namespace

std::string write_problem(const Workload& workload, const Operator& op) {
  constexpr std::array<const char*, 8> functions{"copy",   "multiply", "add",     "subtract",
                                                 "divide", "maximum",  "minimum", "activation"};
  constexpr std::array<const char*, 3> reductions{"none", "sum", "max"};
  std::string ranks;
  for (const Rank& rank : op.ranks)
    ranks += fmt::format("{}{}: {}", ranks.empty() ? "" : ", ", rank.name, rank.extent);
  std::string text = fmt::format("name: {}\n", scalar_text(op.name));
  text += fmt::format(
      "bits: {{inputs: {} bit, weights: {} bit, outputs: {} bit, partial: {} bit}}\n",
      bits_of(op, Role::input), bits_of(op, Role::weight), op.output.bits, op.output.partial_bits);
  text += fmt::format("einsum:\n  ranks: {{{}}}\n  inputs:\n", ranks);
  for (const Operand& input : op.inputs)
    text += "    - " + operand_text(workload, op, input) + "\n";
  text += "  output: " + operand_text(workload, op, op.output) + "\n";
  text += fmt::format("  function: {}\n  reduction: {}\n",
                      functions.at(static_cast<std::size_t>(op.function)),
                      reductions.at(static_cast<std::size_t>(op.reduction)));
  return text;
}

}  // namespace tileloom
