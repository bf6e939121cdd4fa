#include <fmt/format.h>

#include <algorithm>

#include "tileloom/io/yaml/affine.hpp"
#include "tileloom/io/yaml/problem.hpp"
#include "tileloom/io/yaml/quantity.hpp"
#include "tileloom/support/checked.hpp"
#include "tileloom/support/nearest.hpp"

namespace tileloom::yaml {
namespace {

/// Reads the operator and its tensors step by step.
class Einsum {
 public:
  Einsum(Reader& reader, const ElementBits& bits) : reader_(reader), bits_(bits) {}

  void read(const Node& node, const std::string& name) {
    op_.name = name;
    op_.kind = "Einsum";
    Fields fields(reader_, node, "the einsum");
    if (const Node* ranks = fields.required("ranks", "ranks: {p: 16, c: 4}")) read_ranks(*ranks);
    const Node* inputs = fields.required("inputs", "inputs:' and a list of '- tensor: A");
    const Node* output = fields.required("output", "output: {tensor: O, axes: [p]}");
    if (inputs != nullptr && inputs->kind != Node::Kind::list) {
      reader_.report(inputs->place, fmt::format("'inputs' is {}, not a list", description(*inputs)),
                     "write one item per line, each starting with '- tensor: NAME'");
    } else if (inputs != nullptr) {
      for (const Node& input : inputs->items) op_.inputs.push_back(read_operand(input, false));
    }
    if (output != nullptr) op_.output = read_operand(*output, true);
    read_functions(fields);
    fields.finish();
  }

  Workload workload() {
    Workload workload;
    workload.name = op_.name;
    workload.tensors = std::move(tensors_);
    NodeCoverage coverage{op_.name,  op_.kind, NodeStatus::mapped, {OperatorId{0}}, {},
                          macs(op_), 0};
    for (const Operand* operand : operands(op_)) {
      coverage.bits_moved =
          checked_add(coverage.bits_moved, checked_mul(elements(*operand), operand->bits));
    }
    workload.coverage.push_back(std::move(coverage));
    workload.operators.push_back(std::move(op_));
    return workload;
  }

 private:
  void read_ranks(const Node& node) {
    if (node.kind != Node::Kind::map) {
      reader_.report(node.place, fmt::format("'ranks' is {}, not a map", description(node)),
                     "write each rank with its extent: {p: 16, c: 4}");
      return;
    }
    for (std::size_t i = 0; i < node.keys.size(); ++i) {
      const std::optional<std::int64_t> extent =
          read_integer(reader_, node.items[i], node.keys[i].name);
      op_.ranks.push_back({node.keys[i].name, extent.value_or(1)});
    }
  }

  std::optional<RankId> find_rank(Place place, const std::string& name) {
    std::vector<std::string> known;
    for (std::size_t r = 0; r < op_.ranks.size(); ++r) {
      if (op_.ranks[r].name == name) return static_cast<RankId>(r);
      known.push_back(op_.ranks[r].name);
    }
    reader_.report(place, fmt::format("unknown rank {}", quoted(name)), suggestion(name, known));
    return std::nullopt;
  }

  /// Without a given extent the axis ends with the last index that is used.
  std::optional<Axis> read_axis(const Node& node) {
    const std::optional<Affine> affine = read_affine(reader_, node);
    if (!affine) return std::nullopt;
    Axis axis;
    axis.offset = affine->offset;
    std::int64_t last = affine->offset;
    for (const auto& [name, coefficient] : affine->terms) {
      const std::optional<RankId> rank = find_rank(node.place, name);
      if (!rank) return std::nullopt;
      axis.terms.push_back({*rank, coefficient});
      last = checked_add(last, checked_mul(coefficient, op_.rank(*rank).extent - 1));
    }
    axis.extent = std::max<std::int64_t>(checked_add(last, 1), 1);
    return axis;
  }

  void read_shape(const Node& node, std::vector<Axis>& axes) {
    const std::vector<const Node*> sizes = read_list(reader_, node, "shape");
    if (sizes.size() != axes.size()) {
      reader_.report(node.place,
                     fmt::format("'shape' has {} sizes, 'axes' has {}", sizes.size(), axes.size()),
                     "give one size per axis");
      return;
    }
    for (std::size_t i = 0; i < axes.size(); ++i) {
      axes[i].extent = read_integer(reader_, *sizes[i], "shape").value_or(axes[i].extent);
    }
  }

  Role read_role(Fields& fields, bool output) {
    if (output) return Role::output;
    const Role usual = op_.inputs.empty() ? Role::input : Role::weight;
    const Node* node = fields.optional("role");
    if (node == nullptr) return usual;
    const std::vector<std::string> roles = {"inputs", "weights"};
    const std::optional<std::size_t> role = read_choice(reader_, *node, "role", roles);
    return role ? static_cast<Role>(*role) : usual;
  }

  Operand read_operand(const Node& node, bool output) {
    Operand operand;
    Fields fields(reader_, node, output ? "the output" : "the input");
    std::string tensor;
    if (const Node* name = fields.required("tensor", "tensor: A")) {
      tensor = read_text(reader_, *name, "tensor").value_or("");
    }
    operand.role = read_role(fields, output);
    if (const Node* axes = fields.required("axes", "axes: [c, 2*p + r]")) {
      for (const Node* item : read_list(reader_, *axes, "axes")) {
        if (std::optional<Axis> axis = read_axis(*item)) operand.axes.push_back(std::move(*axis));
      }
    }
    if (const Node* shape = fields.optional("shape")) read_shape(*shape, operand.axes);
    operand.bits = operand.role == Role::input
                       ? bits_.input
                       : (operand.role == Role::weight ? bits_.weight : bits_.output);
    operand.partial_bits = output ? bits_.partial : operand.bits;
    fields.finish();

    Tensor value{tensor, {}, operand.bits, TensorKind::input};
    if (output) value.kind = TensorKind::output;
    if (operand.role == Role::weight) value.kind = TensorKind::constant;
    for (const Axis& axis : operand.axes) value.shape.push_back(axis.extent);
    operand.tensor = tensors_.push_back(std::move(value));
    return operand;
  }

  void read_functions(Fields& fields) {
    static const std::vector<std::string> functions = {
        "copy", "multiply", "add", "subtract", "divide", "maximum", "minimum", "activation"};
    static const std::vector<std::string> reductions = {"none", "sum", "max"};
    if (const Node* node = fields.optional("function")) {
      const auto function = read_choice(reader_, *node, "function", functions);
      op_.function = static_cast<PointFunction>(function.value_or(1));
    }
    std::string reduced;  // a rank that the output does not have
    for (std::size_t r = 0; r < op_.ranks.size(); ++r) {
      if (!relevant(op_.output, static_cast<RankId>(r))) reduced = op_.ranks[r].name;
    }
    op_.reduction = reduced.empty() ? Reduction::none : Reduction::sum;
    const Node* node = fields.optional("reduction");
    if (node == nullptr) {
      // A product without reduction counts as multiply-accumulates all the same.
      if (op_.function == PointFunction::multiply) op_.reduction = Reduction::sum;
      return;
    }
    const auto reduction = read_choice(reader_, *node, "reduction", reductions);
    if (reduction) op_.reduction = static_cast<Reduction>(*reduction);
    if (op_.reduction == Reduction::none && !reduced.empty()) {
      reader_.report(node->place,
                     fmt::format("rank '{}' is not in the output, but nothing is reduced", reduced),
                     "write 'reduction: sum' or 'reduction: max'");
    }
  }

  Reader& reader_;
  const ElementBits& bits_;
  Operator op_;
  PerId<TensorId, Tensor> tensors_;
};

}  // namespace

std::optional<Workload> read_einsum(Reader& reader, const Node& node, const std::string& name,
                                    const ElementBits& bits) {
  const std::size_t before = reader.mistakes();
  Einsum einsum(reader, bits);
  einsum.read(node, name);
  if (reader.mistakes() > before) return std::nullopt;
  return einsum.workload();
}

}  // namespace tileloom::yaml
