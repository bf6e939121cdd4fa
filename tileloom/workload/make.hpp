#pragma once
// The everyday operators from their shapes: convolution (any number of axes, stride, dilation,
// padding, groups, depthwise, transposed) and matrix multiplication.

#include <cstdint>
#include <string>
#include <vector>

#include "tileloom/workload/workload.hpp"

namespace tileloom {

/// Element widths of an operator's operands.
struct ElementBits {
  std::int64_t input = 8;
  std::int64_t weight = 8;
  std::int64_t output = 8;
  std::int64_t partial = 8;  ///< of a partial sum
  bool operator==(const ElementBits&) const = default;
};

/// One spatial axis of a convolution: output position p reads input position
/// stride·p + dilation·r − pad_before, 0 ≤ r < filter.
struct ConvAxis {
  std::int64_t output = 1;
  std::int64_t filter = 1;
  std::int64_t stride = 1;
  std::int64_t dilation = 1;
  std::int64_t pad_before = 0;
  /// Size of the input; 0 = just what is read: (output−1)·stride + (filter−1)·dilation + 1 −
  /// pad_before − pad_after.
  std::int64_t input = 0;
  std::int64_t pad_after = 0;
  bool operator==(const ConvAxis&) const = default;
};

/// out[n, g, k, p…] = Σ_{c, r…} in[n, g, c, stride·p + dilation·r − pad…] · weight[g, k, c, r…]
/// with C/groups input and K/groups output channels in each group.
struct ConvShape {
  std::int64_t batch = 1;
  std::int64_t in_channels = 1;   ///< of all groups
  std::int64_t out_channels = 1;  ///< of all groups
  std::int64_t groups = 1;
  std::vector<ConvAxis> axes;  ///< one, two or three, outermost (depth or height) first
  bool operator==(const ConvShape&) const = default;
};

/// Size of the input along an axis, as given or as derived.
std::int64_t input_size(const ConvAxis& axis);

/// Ranks N, G (only if groups > 1), K, C, then P Q and R S (two axes), Q and S (one), or O P Q and
/// T R S (three); ranks of extent 1 are kept, so that constraints can name them. Operands: input
/// [N, (G,) C, …], weight [(G,) K, C, …], output [N, (G,) K, …]. A depthwise convolution is groups
/// = channels: its K and C have extent 1. Requires positive sizes, groups dividing both channels
/// and a positive input_size.
Operator make_conv(const std::string& name, const ConvShape& shape, const ElementBits& bits,
                   TensorId input, TensorId weight, TensorId output);

/// out[batch, m, n] = Σ_k a[batch, m, k] · b[(batch,) k, n]. The ranks are B (only if batch > 1),
/// M, N, K.
struct MatmulShape {
  std::int64_t batch = 1;
  std::int64_t m = 1;
  std::int64_t n = 1;
  std::int64_t k = 1;
  bool shared_b = true;        ///< one b for all of the batch
  Role b_role = Role::weight;  ///< of b: weights, or another activation (attention)
  bool operator==(const MatmulShape&) const = default;
};
Operator make_matmul(const std::string& name, const MatmulShape& shape, const ElementBits& bits,
                     TensorId a, TensorId b, TensorId output);

/// A workload of one operator with tensors "I", "W", "O" (conv) or "A", "B", "O" (matmul).
Workload one_conv(const std::string& name, const ConvShape& shape, const ElementBits& bits);
Workload one_matmul(const std::string& name, const MatmulShape& shape, const ElementBits& bits);

}  // namespace tileloom
