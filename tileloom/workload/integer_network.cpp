#include "tileloom/workload/integer_network.hpp"

#include <fmt/format.h>

namespace tileloom {
namespace {

/// Looks at one layer after the other.
class NetworkCheck {
 public:
  explicit NetworkCheck(const IntegerNetwork& network) : network_(network) {}

  std::vector<std::string> run() && {
    if (network_.layers.empty()) return {"the network has no layer"};
    if (network_.tensors.size() != network_.layers.size() + 1) {
      return {fmt::format("{} tensors for {} layers: one more is needed", network_.tensors.size(),
                          network_.layers.size())};
    }
    for (std::size_t i = 0; i < network_.layers.size(); ++i) check(i);
    return std::move(found_);
  }

 private:
  template <class... Args>
  void note(const IntegerLayer& layer, fmt::format_string<Args...> text, Args&&... args) {
    found_.push_back(layer.name + ": " + fmt::format(text, std::forward<Args>(args)...));
  }

  void check(std::size_t i) {
    const IntegerLayer& layer = network_.layers[i];
    if (layer.input > i || layer.other.value_or(0) > i) {
      note(layer, "reads a tensor that no earlier layer computes");
      return;
    }
    const ImageShape& in = network_.input_of(layer).shape;
    const ImageShape& out = network_.output_of(i).shape;
    ImageShape expected{in.batch, out.channels, positions(layer.rows, in.rows),
                        positions(layer.columns, in.columns)};
    if (layer.kind != IntegerKind::convolution) expected.channels = in.channels;
    if (expected.rows < 1 || expected.columns < 1) {
      note(layer, "the window is larger than its padded input of {}", to_string(in));
    } else if (expected != out) {
      note(layer, "the result is declared as {}, but is {}", to_string(out), to_string(expected));
    }
    if (layer.other && network_.tensors[*layer.other].shape != out) {
      note(layer, "adds a tensor of {} to a result of {}",
           to_string(network_.tensors[*layer.other].shape), to_string(out));
    }
    check_parameters(layer, in, out);
    check_rescale(layer);
  }

  void check_parameters(const IntegerLayer& layer, const ImageShape& in, const ImageShape& out) {
    const std::int64_t window = layer.rows.size * layer.columns.size;
    const bool sums = layer.kind != IntegerKind::max_pool;
    const std::int64_t inner = layer.kind == IntegerKind::convolution ? in.channels : 1;
    const std::int64_t weights = sums ? out.channels * inner * window : 0;
    if (static_cast<std::int64_t>(layer.weights.size()) != weights) {
      note(layer, "{} weights, needs {}", layer.weights.size(), weights);
    }
    const std::int64_t bias = sums ? out.channels : 0;
    if (static_cast<std::int64_t>(layer.bias.size()) != bias) {
      note(layer, "{} bias values, needs {}", layer.bias.size(), bias);
    }
    if (!sums && (layer.other || layer.rescale != Rescale{})) {
      note(layer, "a maximum is neither rescaled nor added to");
    }
  }

  void check_rescale(const IntegerLayer& layer) {
    const Rescale& r = layer.rescale;
    for (const std::int64_t shift : {r.pre_shift, r.shift}) {
      if (shift < -16 || shift > 31) note(layer, "a shift of {} is outside -16 to 31", shift);
    }
    if (r.factor < -128 || r.factor > 127) note(layer, "a factor of {} is no int8", r.factor);
    if (r.low < -128 || r.high > 127 || r.low > 0 || r.high < 0) {
      note(layer, "limits of {} and {} are not int8 around 0", r.low, r.high);
    }
  }

  const IntegerNetwork& network_;
  std::vector<std::string> found_;
};

}  // namespace

std::int64_t elements(const ImageShape& shape) {
  return shape.batch * shape.channels * shape.rows * shape.columns;
}

std::string to_string(const ImageShape& shape) {
  return fmt::format("{}x{}x{}x{}", shape.batch, shape.channels, shape.rows, shape.columns);
}

std::int64_t positions(const WindowAxis& axis, std::int64_t extent) {
  const std::int64_t room =
      extent + axis.before + axis.after - (axis.size - 1) * axis.dilation - 1;
  return room < 0 ? 0 : room / axis.stride + 1;
}

std::string to_string(IntegerKind kind) {
  switch (kind) {
    case IntegerKind::convolution:
      return "convolution";
    case IntegerKind::depthwise:
      return "depthwise";
    case IntegerKind::max_pool:
      return "max pool";
  }
  return {};
}

IntegerNetwork batched(IntegerNetwork network, std::int64_t times) {
  for (IntegerTensor& tensor : network.tensors) tensor.shape.batch *= times;
  return network;
}

std::int64_t multiplications(const IntegerNetwork& network, std::size_t layer) {
  const IntegerLayer& l = network.layers[layer];
  if (l.kind == IntegerKind::max_pool) return 0;
  const std::int64_t inner =
      l.kind == IntegerKind::convolution ? network.input_of(l).shape.channels : 1;
  return elements(network.output_of(layer).shape) * inner * l.rows.size * l.columns.size;
}

std::vector<std::string> violations(const IntegerNetwork& network) {
  return NetworkCheck(network).run();
}

}  // namespace tileloom
