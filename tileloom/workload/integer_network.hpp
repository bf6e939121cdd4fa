#pragma once
// A quantised network in which every value is an 8-bit integer and every scale a power of two: what
// an integer accelerator can run to the last bit.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace tileloom {

/// Batch, channels, rows, columns; the order in which tensors lie (row-major).
struct ImageShape {
  std::int64_t batch = 1;
  std::int64_t channels = 1;
  std::int64_t rows = 1;
  std::int64_t columns = 1;
  bool operator==(const ImageShape&) const = default;
};
std::int64_t elements(const ImageShape& shape);
/// "1x64x56x56".
std::string to_string(const ImageShape& shape);

struct IntegerTensor {
  std::string name;
  ImageShape shape;
  int exponent = 0;  ///< real value = integer · 2^exponent; nothing is computed with it
  bool operator==(const IntegerTensor&) const = default;
};

/// One axis of a window: output p reads stride·p + dilation·r − before, 0 ≤ r < size. Positions
/// outside the input are zero, or not there for a maximum.
struct WindowAxis {
  std::int64_t size = 1;
  std::int64_t stride = 1;
  std::int64_t dilation = 1;
  std::int64_t before = 0;
  std::int64_t after = 0;
  bool operator==(const WindowAxis&) const = default;
};

/// Output positions of the axis over an input of `extent`, rounded down; below 1: none.
std::int64_t positions(const WindowAxis& axis, std::int64_t extent);

enum class IntegerKind : std::uint8_t {
  convolution,  ///< a[k] = Σ_{c,r,s} x[c] · w[k][c][r][s]; matrix products too
  depthwise,    ///< a[c] = Σ_{r,s} x[c] · w[c][r][s]; averages and plain additions too
  max_pool      ///< the largest existing x[c] of the window; nothing else applies
};
/// "convolution", "depthwise", "max pool".
std::string to_string(IntegerKind kind);

/// What becomes of a sum before it is stored, with arithmetic shifts (rounding down; a negative shift
/// goes to the left) and 32-bit sums:
///     y = min(max( ((a + bias) >> pre_shift  +  factor · other) >> shift, low), high)
struct Rescale {
  std::int64_t pre_shift = 0;
  std::int64_t factor = 0;  ///< of the other tensor, if there is one
  std::int64_t shift = 0;
  std::int64_t low = -128;
  std::int64_t high = 127;
  bool operator==(const Rescale&) const = default;
};

/// Layer i computes tensor i + 1. Tensor 0 is the network's input, the last one its result.
struct IntegerLayer {
  std::string name;
  IntegerKind kind = IntegerKind::convolution;
  std::size_t input = 0;             ///< tensor
  std::optional<std::size_t> other;  ///< tensor that is added, shaped like the result
  WindowAxis rows;
  WindowAxis columns;
  std::vector<std::int8_t> weights;  ///< row-major in the order of IntegerKind; none for a maximum
  std::vector<std::int32_t> bias;    ///< per output channel; the half that rounding needs included
  Rescale rescale;
  bool operator==(const IntegerLayer&) const = default;
};

struct IntegerNetwork {
  std::string name;
  std::vector<IntegerTensor> tensors;
  std::vector<IntegerLayer> layers;
  bool operator==(const IntegerNetwork&) const = default;

  const IntegerTensor& output_of(std::size_t layer) const { return tensors[layer + 1]; }
  const IntegerTensor& input_of(const IntegerLayer& layer) const { return tensors[layer.input]; }
};

/// The network over `times` as many images at once.
IntegerNetwork batched(IntegerNetwork network, std::int64_t times);

/// Multiplications of a layer by weights, those with padding included.
std::int64_t multiplications(const IntegerNetwork& network, std::size_t layer);

/// Everything that contradicts itself, one sentence per mistake, naming the layer: sizes, tensors
/// that are not computed yet, shifts outside −16..31, factors outside int8, limits that exclude 0.
std::vector<std::string> violations(const IntegerNetwork& network);

}  // namespace tileloom
