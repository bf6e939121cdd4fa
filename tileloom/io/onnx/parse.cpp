#include "tileloom/io/onnx/parse.hpp"

#include <fmt/format.h>
#include <google/protobuf/stubs/logging.h>
#include <onnx/onnx_pb.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include "tileloom/support/checked.hpp"

namespace tileloom::onnx_import {
namespace {

using ::onnx::AttributeProto;
using ::onnx::GraphProto;
using ::onnx::NodeProto;
using ::onnx::TensorProto;
using ::onnx::ValueInfoProto;

/// Subgraphs inside subgraphs: deeper nesting is refused (protobuf itself stops at 100 messages).
constexpr int kDeepestGraph = 16;

/// Mistakes found while decoding, in the order of the file.
struct Decoder {
  std::string file;
  std::int64_t most_numbers;
  Diagnostics mistakes;

  void mistake(std::string what, std::string hint) {
    mistakes.push_back({{file}, std::move(what), std::move(hint)});
  }
};

/// Elements of a literal if they are few enough to be looked at.
std::optional<std::size_t> foldable_size(const Shape& shape, std::int64_t most) {
  std::int64_t product = 1;
  for (const std::int64_t extent : shape) {
    if (extent < 0 || extent > most) return std::nullopt;
    product *= extent;
    if (product > most) return std::nullopt;
  }
  return static_cast<std::size_t>(product);
}

/// `count` little-endian elements of `T`, or nothing if the bytes do not fit.
template <class T, class To>
std::optional<Numbers> raw_numbers(const std::string& raw, std::size_t count) {
  if (raw.size() != count * sizeof(T)) return std::nullopt;
  std::vector<To> list(count);
  for (std::size_t i = 0; i < count; ++i) {
    T element;
    std::memcpy(&element, raw.data() + i * sizeof(T), sizeof(T));
    list[i] = static_cast<To>(element);
  }
  return Numbers(std::move(list));
}

template <class To, class Field>
std::optional<Numbers> field_numbers(const Field& field, std::size_t count) {
  if (static_cast<std::size_t>(field.size()) != count) return std::nullopt;
  std::vector<To> list;
  for (const auto element : field) list.push_back(static_cast<To>(element));
  return Numbers(std::move(list));
}

/// The value of a 16-bit float: sign, 5 (bfloat16: 8) bits of exponent, 10 (7) of fraction.
double half_value(std::int64_t bits, bool brain) {
  const int fraction_bits = brain ? 7 : 10;
  const int bias = brain ? 127 : 15;
  const std::int64_t fraction = bits & ((1 << fraction_bits) - 1);
  const std::int64_t exponent = (bits >> fraction_bits) & (2 * bias + 1);
  const double sign = (bits & 0x8000) != 0 ? -1.0 : 1.0;
  if (exponent == 2 * bias + 1) {
    return fraction == 0 ? sign * std::numeric_limits<double>::infinity()
                         : std::numeric_limits<double>::quiet_NaN();
  }
  const std::int64_t leading = exponent == 0 ? 0 : std::int64_t{1} << fraction_bits;
  const int shift = static_cast<int>(std::max<std::int64_t>(exponent, 1)) - bias - fraction_bits;
  return sign * std::ldexp(static_cast<double>(fraction + leading), shift);
}

std::optional<Numbers> halves(const std::optional<Numbers>& bits, bool brain) {
  if (!bits) return std::nullopt;
  std::vector<double> list;
  for (const std::int64_t b : as_integers(*bits)) list.push_back(half_value(b & 0xffff, brain));
  return list;
}

std::optional<Numbers> numbers_of(const TensorProto& tensor, std::size_t count) {
  using I = std::int64_t;
  if (tensor.data_location() == TensorProto::EXTERNAL) return std::nullopt;
  const bool raw = tensor.has_raw_data();
  const std::string& bytes = tensor.raw_data();
  switch (tensor.data_type()) {
    case TensorProto::INT64:
      return raw ? raw_numbers<I, I>(bytes, count) : field_numbers<I>(tensor.int64_data(), count);
    case TensorProto::INT32:
      return raw ? raw_numbers<std::int32_t, I>(bytes, count)
                 : field_numbers<I>(tensor.int32_data(), count);
    case TensorProto::INT16:
      return raw ? raw_numbers<std::int16_t, I>(bytes, count)
                 : field_numbers<I>(tensor.int32_data(), count);
    case TensorProto::UINT16:
      return raw ? raw_numbers<std::uint16_t, I>(bytes, count)
                 : field_numbers<I>(tensor.int32_data(), count);
    case TensorProto::INT8:
      return raw ? raw_numbers<std::int8_t, I>(bytes, count)
                 : field_numbers<I>(tensor.int32_data(), count);
    case TensorProto::UINT8:
    case TensorProto::BOOL:
      return raw ? raw_numbers<std::uint8_t, I>(bytes, count)
                 : field_numbers<I>(tensor.int32_data(), count);
    case TensorProto::UINT32:
      return raw ? raw_numbers<std::uint32_t, I>(bytes, count)
                 : field_numbers<I>(tensor.uint64_data(), count);
    case TensorProto::UINT64:
      return raw ? raw_numbers<std::uint64_t, I>(bytes, count)
                 : field_numbers<I>(tensor.uint64_data(), count);
    case TensorProto::FLOAT16:
    case TensorProto::BFLOAT16:
      return halves(raw ? raw_numbers<std::uint16_t, I>(bytes, count)
                        : field_numbers<I>(tensor.int32_data(), count),
                    tensor.data_type() == TensorProto::BFLOAT16);
    case TensorProto::FLOAT:
      return raw ? raw_numbers<float, double>(bytes, count)
                 : field_numbers<double>(tensor.float_data(), count);
    case TensorProto::DOUBLE:
      return raw ? raw_numbers<double, double>(bytes, count)
                 : field_numbers<double>(tensor.double_data(), count);
    default:
      return std::nullopt;
  }
}

Literal literal(const TensorProto& tensor, const Decoder& decoder) {
  Literal result;
  result.type = static_cast<ElementType>(tensor.data_type());
  result.shape.assign(tensor.dims().begin(), tensor.dims().end());
  if (const auto count = foldable_size(result.shape, decoder.most_numbers)) {
    result.numbers = numbers_of(tensor, *count);
  }
  return result;
}

Declaration declaration(const ValueInfoProto& info) {
  Declaration result{.name = info.name(), .type = {}, .shape = {}};
  if (!info.type().has_tensor_type()) return result;
  const auto& tensor = info.type().tensor_type();
  result.type = static_cast<ElementType>(tensor.elem_type());
  if (!tensor.has_shape()) return result;
  result.shape.emplace();
  for (const auto& dim : tensor.shape().dim()) {
    Dimension dimension;
    if (dim.has_dim_value()) dimension.size = dim.dim_value();
    if (dim.has_dim_param()) dimension.symbol = dim.dim_param();
    result.shape->push_back(std::move(dimension));
  }
  return result;
}

Graph graph(const GraphProto& proto, Decoder& decoder, int depth);

Attribute attribute(const AttributeProto& proto, Decoder& decoder, int depth) {
  Attribute result;
  if (proto.has_i()) result.i = proto.i();
  if (proto.has_f()) result.f = static_cast<double>(proto.f());
  if (proto.has_s()) result.s = proto.s();
  result.ints.assign(proto.ints().begin(), proto.ints().end());
  result.floats.assign(proto.floats().begin(), proto.floats().end());
  result.strings.assign(proto.strings().begin(), proto.strings().end());
  if (proto.has_t()) result.literal = literal(proto.t(), decoder);
  if (proto.has_sparse_tensor()) {
    // Only the shape of a sparse constant matters: it is stored dense.
    const auto& sparse = proto.sparse_tensor();
    result.literal = Literal{static_cast<ElementType>(sparse.values().data_type()),
                             Shape(sparse.dims().begin(), sparse.dims().end()), std::nullopt};
  }
  result.reference = proto.ref_attr_name();
  if (proto.has_g()) {
    result.graph = std::make_shared<const Graph>(graph(proto.g(), decoder, depth + 1));
  }
  return result;
}

Node node(const NodeProto& proto, Decoder& decoder, int depth) {
  Node result;
  result.name = proto.name();
  result.domain = proto.domain() == "ai.onnx" ? std::string() : proto.domain();
  result.type = proto.op_type();
  result.inputs.assign(proto.input().begin(), proto.input().end());
  result.outputs.assign(proto.output().begin(), proto.output().end());
  for (const AttributeProto& item : proto.attribute()) {
    result.attributes[item.name()] = attribute(item, decoder, depth);
  }
  return result;
}

Graph graph(const GraphProto& proto, Decoder& decoder, int depth) {
  Graph result;
  if (depth > kDeepestGraph) {
    decoder.mistake(fmt::format("graphs are nested more than {} deep", kDeepestGraph),
                    "simplify the model's control flow");
    return result;
  }
  result.name = proto.name();
  for (const auto& item : proto.input()) result.inputs.push_back(declaration(item));
  for (const auto& item : proto.output()) result.outputs.push_back(declaration(item));
  for (const auto& item : proto.value_info()) result.values.push_back(declaration(item));
  for (const auto& item : proto.initializer()) {
    result.initializers.emplace_back(item.name(), literal(item, decoder));
  }
  for (const auto& item : proto.sparse_initializer()) {
    result.initializers.emplace_back(
        item.values().name(), Literal{static_cast<ElementType>(item.values().data_type()),
                                      Shape(item.dims().begin(), item.dims().end()), std::nullopt});
  }
  for (const auto& item : proto.node()) result.nodes.push_back(node(item, decoder, depth));
  return result;
}

}  // namespace

Result<Model> parse(std::string_view bytes, const std::string& file, std::int64_t most_numbers) {
  if (bytes.empty()) {
    return tileloom::mistake({file}, "the file is empty", "give an ONNX model");
  }
  if (bytes.size() > static_cast<std::size_t>(std::numeric_limits<int>::max())) {
    return tileloom::mistake({file}, "the file is larger than 2 GiB",
                             "store the weights as external data");
  }
  const google::protobuf::LogSilencer quiet;
  ::onnx::ModelProto proto;
  if (!proto.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    return tileloom::mistake({file}, "cannot be decoded as ONNX: truncated, corrupted or no model",
                             "export or download it again");
  }
  if (!proto.has_graph() || proto.graph().node_size() == 0) {
    return tileloom::mistake({file}, "holds no graph with nodes: not an ONNX model, or truncated",
                             "export or download it again");
  }
  Decoder decoder{file, most_numbers, {}};
  Model model;
  for (const auto& opset : proto.opset_import()) {
    const std::string domain = opset.domain() == "ai.onnx" ? std::string() : opset.domain();
    model.opsets[domain] = opset.version();
  }
  if (model.opsets.empty() && proto.ir_version() >= 3) {
    decoder.mistake("names no operator set (opset_import): truncated or corrupted",
                    "export or download it again");
  }
  for (const auto& item : proto.functions()) {
    Function function;
    function.inputs.assign(item.input().begin(), item.input().end());
    function.outputs.assign(item.output().begin(), item.output().end());
    for (const auto& inner : item.node()) function.nodes.push_back(node(inner, decoder, 0));
    Node caller;
    caller.domain = item.domain();
    caller.type = item.name();
    model.functions[full_type(caller)] = std::move(function);
  }
  model.graph = graph(proto.graph(), decoder, 0);
  if (!decoder.mistakes.empty()) return tl::unexpected(std::move(decoder.mistakes));
  return model;
}

}  // namespace tileloom::onnx_import
