#pragma once
// What the measuring back end can run: layers on images of bytes, channels innermost.

#include <cstdint>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "tileloom/workload/make.hpp"

namespace tileloom::x86_vnni {

enum class LayerKind : std::uint8_t {
  convolution,  ///< with rectification; a fully connected layer has one window, the whole image
  maximum,      ///< over windows
  average,      ///< over windows, padding counted as zeros
  addition,     ///< of two images, halved so that the sum is a byte again
  copy          ///< into some of the channels of a larger image
};

/// A tensor [1, C, H, W], or [1, C] with one row and column.
struct ImageSize {
  std::int64_t rows = 1, columns = 1, channels = 1;
  bool operator==(const ImageSize&) const = default;
};

struct Layer {
  std::string name;
  LayerKind kind = LayerKind::convolution;
  ConvShape shape;  ///< two axes; of all but convolutions: groups = channels
  std::vector<TensorId> inputs;
  TensorId output{};
  std::int64_t first_channel = 0;  ///< of the output that a copy writes
  bool operator==(const Layer&) const = default;
};

tl::expected<ImageSize, std::string> image_size(const Tensor& tensor);

/// The operator as a layer, or why it is none.
tl::expected<Layer, std::string> layer_of(const Workload& workload, const Operator& op);

/// Indices of the input along an axis, padding included, that the outputs read:
///     (output − 1)·stride + (filter − 1)·dilation + 1
std::int64_t reach(const ConvAxis& axis);

}  // namespace tileloom::x86_vnni
