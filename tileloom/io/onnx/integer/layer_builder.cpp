#include "tileloom/io/onnx/integer/layer_builder.hpp"

#include <algorithm>

#include "tileloom/io/onnx/node_scope.hpp"

namespace tileloom::onnx_import {

std::size_t LayerBuilder::add_tensor(const std::string& name, const ImageShape& shape,
                                     std::int64_t uses) {
  network.tensors.push_back({name, shape, std::nullopt});
  uses_.push_back(uses);
  return network.tensors.size() - 1;
}

std::size_t LayerBuilder::add_layer(RealLayer layer, std::int64_t channels, std::int64_t uses) {
  const ImageShape in = shape(layer.input);
  const ImageShape out{in.batch, channels, positions(layer.rows, in.rows),
                       positions(layer.columns, in.columns)};
  const Shape extents{out.batch, out.channels, out.rows, out.columns};
  if (onnx_import::elements(extents) > kMostElements) {
    throw Unsupported{"its result has the size " + to_string(out)};
  }
  const std::string name = layer.name;
  network.layers.push_back(std::move(layer));
  return add_tensor(name, out, uses);
}

std::size_t LayerBuilder::add_copy(const std::string& name, std::size_t input, std::int64_t uses) {
  RealLayer layer;
  layer.name = name;
  layer.kind = IntegerKind::depthwise;
  layer.input = input;
  const std::int64_t channels = shape(input).channels;
  layer.weights.assign(static_cast<std::size_t>(channels), 1.0);
  layer.bias.assign(static_cast<std::size_t>(channels), 0.0);
  return add_layer(std::move(layer), channels, uses);
}

RealLayer* LayerBuilder::open_layer(std::size_t tensor) {
  if (tensor == 0 || uses_[tensor] != 1) return nullptr;
  RealLayer& layer = network.layers[tensor - 1];
  const bool sum = layer.kind != IntegerKind::max_pool;
  return sum && !layer.low && !layer.high ? &layer : nullptr;
}

std::size_t LayerBuilder::limit(const std::string& name, std::size_t tensor,
                                std::optional<double> low, std::optional<double> high,
                                std::int64_t uses) {
  RealLayer* layer = open_layer(tensor);
  if (layer == nullptr) {
    tensor = add_copy(name, tensor, uses);
    layer = &network.layers.back();
  }
  layer->low = low;
  layer->high = high;
  uses_[tensor] = uses;
  return tensor;
}

std::size_t LayerBuilder::add(const std::string& name, std::size_t a, std::size_t b,
                              std::int64_t uses) {
  std::size_t into = std::max(a, b);
  const std::size_t other = std::min(a, b);
  RealLayer* layer = a == b ? nullptr : open_layer(into);
  if (layer == nullptr || layer->other) {
    into = add_copy(name, into, uses);
    layer = &network.layers.back();
  }
  layer->other = other;
  uses_[into] = uses;
  return into;
}

}  // namespace tileloom::onnx_import
