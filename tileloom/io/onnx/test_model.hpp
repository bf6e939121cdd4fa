#pragma once
// For tests: models written in ONNX's own text form, imported from memory.

#ifndef ONNX_ML
#define ONNX_ML 1
#endif
#ifndef ONNX_NAMESPACE
#define ONNX_NAMESPACE onnx
#endif

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <onnx/defs/parser.h>
#include <onnx/onnx_pb.h>

#include <string>
#include <vector>

#include "tileloom/io/onnx/import.hpp"

namespace tileloom::onnx_test {

/// A constant of this shape, as a statement: its content does not matter.
inline std::string constant(const std::string& name, const std::vector<std::int64_t>& shape) {
  return fmt::format(
      "{0}_shape = Constant <value = int64[{1}] {{{2}}}> () {0} = ConstantOfShape ({0}_shape) ",
      name, shape.size(), fmt::join(shape, ", "));
}

/// "(float[1,3] x) => (float[1,3] y) { y = Relu (x) }" as a model.
inline ::onnx::ModelProto parsed(const std::string& graph, int opset = 13) {
  const std::string text =
      fmt::format("<ir_version: 8, opset_import: [\"\" : {}]> g {}", opset, graph);
  ::onnx::ModelProto model;
  const auto status = ::onnx::OnnxParser::Parse(model, text.c_str());
  EXPECT_TRUE(status.IsOK()) << status.ErrorMessage();
  return model;
}

inline std::string bytes_of(const std::string& graph, int opset = 13) {
  return parsed(graph, opset).SerializeAsString();
}

/// The workload of a graph that must be right.
inline Workload imported(const std::string& graph, const ImportOptions& options = {},
                         int opset = 13) {
  const auto workload = import_onnx_bytes(bytes_of(graph, opset), "m.onnx", options);
  if (!workload) {
    ADD_FAILURE() << to_string(workload.error());
    return {};
  }
  return *workload;
}

/// What is said about a graph that is wrong.
inline std::string refused(const std::string& graph, const ImportOptions& options = {},
                           int opset = 13) {
  const auto workload = import_onnx_bytes(bytes_of(graph, opset), "m.onnx", options);
  return workload ? std::string("imported") : to_string(workload.error());
}

/// "N=1 K=4 P=6".
inline std::string ranks_of(const Operator& op) {
  std::string text;
  for (const Rank& rank : op.ranks) {
    text += fmt::format("{}{}={}", text.empty() ? "" : " ", rank.name, rank.extent);
  }
  return text;
}

/// "2*P + R - 1 of 8" for an axis.
inline std::string access(const Operator& op, const Axis& axis) {
  std::string text;
  for (const Term& term : axis.terms) {
    if (!text.empty()) text += " + ";
    if (term.coefficient != 1) text += fmt::format("{}*", term.coefficient);
    text += op.rank(term.rank).name;
  }
  if (text.empty()) return fmt::format("{} of {}", axis.offset, axis.extent);
  if (axis.offset > 0) text += fmt::format(" + {}", axis.offset);
  if (axis.offset < 0) text += fmt::format(" - {}", -axis.offset);
  return text + fmt::format(" of {}", axis.extent);
}

/// All axes of an operand, separated by commas.
inline std::string accesses(const Operator& op, const Operand& operand) {
  std::string text;
  for (const Axis& axis : operand.axes) {
    if (!text.empty()) text += ", ";
    text += access(op, axis);
  }
  return text;
}

inline const Operator& only_operator(const Workload& workload) {
  EXPECT_EQ(workload.operators.size(), 1U);
  return workload.operators[OperatorId{0}];
}

inline const Tensor& tensor_named(const Workload& workload, const std::string& name) {
  for (const Tensor& tensor : workload.tensors) {
    if (tensor.name == name) return tensor;
  }
  ADD_FAILURE() << "no tensor " << name;
  return *workload.tensors.begin();
}

/// The kinds of all operators, separated by spaces.
inline std::string kinds(const Workload& workload) {
  std::string text;
  for (const Operator& op : workload.operators) text += (text.empty() ? "" : " ") + op.kind;
  return text;
}

}  // namespace tileloom::onnx_test
