#pragma once
// A RealNetwork while nodes are read into it: which name of the model is which tensor.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tileloom/io/onnx/integer/real_network.hpp"

namespace tileloom::onnx_import {

/// Of a tensor or of weights: more fit no VTA in reasonable time.
inline constexpr std::int64_t kMostElements = std::int64_t{1} << 28;

/// A name of the model that stands for a tensor; flat: seen as a matrix, one row per image.
struct Activation {
  std::size_t tensor = 0;
  bool flat = false;
};

class LayerBuilder {
 public:
  RealNetwork network;

  /// @param uses  nodes that will read the tensor, and outputs that it is
  std::size_t add_tensor(const std::string& name, const ImageShape& shape, std::int64_t uses);
  const ImageShape& shape(std::size_t tensor) const { return network.tensors[tensor].shape; }

  /// Adds a layer and its tensor of `channels`; the rest of its shape follows from the window.
  std::size_t add_layer(RealLayer layer, std::int64_t channels, std::int64_t uses);
  /// A layer that multiplies by 1.
  std::size_t add_copy(const std::string& name, std::size_t input, std::int64_t uses);

  /// The layer that computes the tensor, if the node that reads it can become part of it: a sum that
  /// nobody else reads and that is not limited yet.
  RealLayer* open_layer(std::size_t tensor);

  /// The tensor, whose layer has taken in the node that read it, from here on read by `uses` nodes.
  std::size_t keep(std::size_t tensor, std::int64_t uses) {
    uses_[tensor] = uses;
    return tensor;
  }
  /// The tensor limited; in its own layer where that is possible.
  std::size_t limit(const std::string& name, std::size_t tensor, std::optional<double> low,
                    std::optional<double> high, std::int64_t uses);
  /// a + b; in the later one's layer where that is possible.
  std::size_t add(const std::string& name, std::size_t a, std::size_t b, std::int64_t uses);

 private:
  std::vector<std::int64_t> uses_;  ///< by tensor
};

}  // namespace tileloom::onnx_import
