#include "tileloom/io/onnx/infer.hpp"

#include <fmt/format.h>
#include <onnx/defs/schema.h>
#include <onnx/onnx_pb.h>
#include <onnx/shape_inference/implementation.h>

#include <algorithm>
#include <exception>
#include <limits>
#include <memory>
#include <unordered_map>

namespace tileloom::onnx_import {
namespace {

/// Our plain node as the schema's message. Literals are left out: only operators that make
/// constants have them, and those have rules.
::onnx::NodeProto to_message(const Node& node) {
  ::onnx::NodeProto message;
  message.set_op_type(node.type);
  message.set_domain(node.domain);
  for (const std::string& name : node.inputs) message.add_input(name);
  for (const std::string& name : node.outputs) message.add_output(name);
  for (const auto& [name, attribute] : node.attributes) {
    ::onnx::AttributeProto& item = *message.add_attribute();
    item.set_name(name);
    if (attribute.i) {
      item.set_type(::onnx::AttributeProto::INT);
      item.set_i(*attribute.i);
    } else if (attribute.f) {
      item.set_type(::onnx::AttributeProto::FLOAT);
      item.set_f(static_cast<float>(*attribute.f));
    } else if (attribute.s) {
      item.set_type(::onnx::AttributeProto::STRING);
      item.set_s(*attribute.s);
    } else if (!attribute.floats.empty()) {
      item.set_type(::onnx::AttributeProto::FLOATS);
      for (const double f : attribute.floats) item.add_floats(static_cast<float>(f));
    } else if (!attribute.strings.empty()) {
      item.set_type(::onnx::AttributeProto::STRINGS);
      for (const std::string& s : attribute.strings) item.add_strings(s);
    } else {
      item.set_type(::onnx::AttributeProto::INTS);
      for (const std::int64_t i : attribute.ints) item.add_ints(i);
    }
  }
  return message;
}

::onnx::TypeProto type_of(const Value& value) {
  ::onnx::TypeProto type;
  auto& tensor = *type.mutable_tensor_type();
  tensor.set_elem_type(static_cast<std::int32_t>(value.type));
  if (value.shape) {
    auto& shape = *tensor.mutable_shape();
    for (const std::int64_t extent : *value.shape) shape.add_dim()->set_dim_value(extent);
  }
  return type;
}

::onnx::TensorProto content_of(const Value& value) {
  ::onnx::TensorProto tensor;
  for (const std::int64_t extent : *value.shape) tensor.add_dims(extent);
  tensor.set_data_type(static_cast<std::int32_t>(value.type));
  for (const std::int64_t i : as_integers(*value.numbers)) {
    switch (value.type) {
      case ElementType::int64:
        tensor.add_int64_data(i);
        break;
      case ElementType::uint32:
      case ElementType::uint64:
        tensor.add_uint64_data(static_cast<std::uint64_t>(i));
        break;
      default:
        tensor.add_int32_data(static_cast<std::int32_t>(i));
    }
  }
  for (const double f : as_floats(*value.numbers)) {
    if (value.type == ElementType::float32) tensor.add_float_data(static_cast<float>(f));
    if (value.type == ElementType::float64) tensor.add_double_data(f);
  }
  return tensor;
}

Declaration declaration_of(const ::onnx::TypeProto& type) {
  Declaration result;
  if (!type.has_tensor_type()) return result;
  result.type = static_cast<ElementType>(type.tensor_type().elem_type());
  if (!type.tensor_type().has_shape()) return result;
  result.shape.emplace();
  for (const auto& dim : type.tensor_type().shape().dim()) {
    Dimension dimension;
    if (dim.has_dim_value()) dimension.size = dim.dim_value();
    if (dim.has_dim_param()) dimension.symbol = dim.dim_param();
    result.shape->push_back(std::move(dimension));
  }
  return result;
}

const ::onnx::OpSchema* schema_of(const Network& network, const Node& node) {
  const auto opset = network.opsets.find(node.domain);
  const std::int64_t version = opset == network.opsets.end() ? 1 : opset->second;
  if (version < 1 || version > std::numeric_limits<int>::max()) return nullptr;
  return ::onnx::OpSchemaRegistry::Schema(node.type, static_cast<int>(version), node.domain);
}

/// ONNX makes one dimension per element of a list that is a shape, however long it is said to be,
/// and steps through sizes one stride at a time: it is not asked about sizes that no network has.
bool is_harmless(const Value& value) {
  constexpr std::int64_t kLargest = 1 << 24;
  if (!value.shape) return true;
  const bool may_be_shape = value.shape->size() == 1 && is_integer(value.type);
  return std::ranges::all_of(*value.shape, [&](std::int64_t extent) {
    return extent <= (may_be_shape ? kMostFoldedNumbers : kLargest);
  });
}

}  // namespace

std::optional<Shape> known_shape(const Network& network, const Declaration& declaration) {
  if (!declaration.shape || declaration.shape->size() > kMostDimensions) return std::nullopt;
  Shape shape;
  for (const Dimension& dimension : *declaration.shape) {
    std::optional<std::int64_t> size = dimension.size;
    if (!size) {
      const auto bound = network.options->bind.find(dimension.symbol);
      if (bound != network.options->bind.end()) size = bound->second;
    }
    if (!size || *size < 1 || *size > kLargestExtent) return std::nullopt;
    shape.push_back(*size);
  }
  return shape;
}

std::vector<Declaration> infer(const Network& network, const Node& node) {
  std::vector<Declaration> result;
  for (const auto& [name, attribute] : node.attributes) {
    if (attribute.graph || attribute.literal) return result;
  }
  const ::onnx::OpSchema* schema = schema_of(network, node);
  if (schema == nullptr || !schema->has_type_and_shape_inference_function()) return result;
  ::onnx::NodeProto message = to_message(node);
  std::unordered_map<std::string, std::unique_ptr<::onnx::TypeProto>> owned;
  std::unordered_map<std::string, ::onnx::TypeProto*> types;
  std::unordered_map<std::string, ::onnx::TensorProto> contents;
  std::unordered_map<std::string, const ::onnx::TensorProto*> data;
  for (const std::string& name : node.inputs) {
    const auto found = network.values.find(name);
    if (found == network.values.end() || !found->second.shape) continue;
    if (!is_harmless(found->second)) return result;
    owned[name] = std::make_unique<::onnx::TypeProto>(type_of(found->second));
    types[name] = owned[name].get();
    if (found->second.numbers) data[name] = &(contents[name] = content_of(found->second));
  }
  try {
    schema->Verify(message);
    // The fifth argument is a pointer up to some version of ONNX, then options; both may be empty.
    ::onnx::shape_inference::InferenceContextImpl context(message, types, data, {}, {});
    schema->GetTypeAndShapeInferenceFunction()(context);
    for (const ::onnx::TypeProto& type : context.allOutputTypes_) {
      result.push_back(declaration_of(type));
    }
  } catch (const std::exception&) {
    result.clear();  // ONNX does not know this use of the operator; the importer carries on
  }
  return result;
}

void cross_check(const Network& network, const Node& node, NodeCoverage& line) {
  const std::vector<Declaration> theirs = infer(network, node);
  for (std::size_t k = 0; k < theirs.size() && k < node.outputs.size(); ++k) {
    const auto ours = network.values.find(node.outputs[k]);
    const std::optional<Shape> shape = known_shape(network, theirs[k]);
    if (!shape || ours == network.values.end() || !ours->second.shape) continue;
    if (*shape == *ours->second.shape) continue;
    if (!line.note.empty()) line.note += "; ";
    line.note += fmt::format("output {} is {}, though ONNX's shape inference says {}", k,
                             to_text(*ours->second.shape), to_text(*shape));
  }
}

}  // namespace tileloom::onnx_import
