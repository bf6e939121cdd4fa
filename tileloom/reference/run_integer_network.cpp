#include "tileloom/reference/run_integer_network.hpp"

#include <algorithm>

namespace tileloom::reference {
namespace {

std::int32_t wrapped(std::int64_t value) {
  return static_cast<std::int32_t>(static_cast<std::uint32_t>(value));
}

std::int32_t shifted(std::int32_t value, std::int64_t right) {
  const std::int64_t wide = value;
  return wrapped(right >= 0 ? wide >> right : wide * (std::int64_t{1} << -right));
}

/// The outputs [first, last) of an axis whose tap r lies inside an input of `extent`.
struct Reach {
  std::int64_t first = 0;
  std::int64_t last = 0;
  std::int64_t start = 0;  ///< input position of output 0
};
Reach reach(const WindowAxis& axis, std::int64_t r, std::int64_t extent, std::int64_t outputs) {
  Reach result{0, outputs, r * axis.dilation - axis.before};
  while (result.first < outputs && result.start + result.first * axis.stride < 0) ++result.first;
  while (result.last > result.first &&
         result.start + (result.last - 1) * axis.stride >= extent) {
    --result.last;
  }
  return result;
}

/// One plane of the input seen through one tap of the window, added or compared into a plane of the
/// result.
template <class Combine>
void through_tap(const ImageShape& in, const ImageShape& out, const IntegerLayer& layer,
                 std::int64_t r, std::int64_t s, const std::int8_t* from, std::int32_t* into,
                 Combine combine) {
  const Reach rows = reach(layer.rows, r, in.rows, out.rows);
  const Reach columns = reach(layer.columns, s, in.columns, out.columns);
  for (std::int64_t p = rows.first; p < rows.last; ++p) {
    const std::int8_t* row = from + (rows.start + p * layer.rows.stride) * in.columns;
    for (std::int64_t q = columns.first; q < columns.last; ++q) {
      std::int32_t& sum = into[p * out.columns + q];
      sum = combine(sum, row[columns.start + q * layer.columns.stride]);
    }
  }
}

}  // namespace

std::vector<std::int32_t> layer_sums(const IntegerNetwork& network, std::size_t index,
                                     std::span<const std::int8_t> input) {
  const IntegerLayer& layer = network.layers[index];
  const ImageShape& in = network.input_of(layer).shape;
  const ImageShape& out = network.output_of(index).shape;
  const bool maximum = layer.kind == IntegerKind::max_pool;
  const bool dense = layer.kind == IntegerKind::convolution;
  const std::int64_t in_plane = in.rows * in.columns;
  const std::int64_t out_plane = out.rows * out.columns;
  std::vector<std::int32_t> sums(static_cast<std::size_t>(elements(out)), maximum ? -128 : 0);
  for (std::int64_t plane = 0; plane < out.batch * out.channels; ++plane) {
    const std::int64_t n = plane / out.channels;
    const std::int64_t k = plane % out.channels;
    std::int32_t* into = sums.data() + plane * out_plane;
    const std::int64_t inner = dense ? in.channels : 1;
    for (std::int64_t c = 0; c < inner; ++c) {
      const std::int8_t* from = input.data() + (n * in.channels + (dense ? c : k)) * in_plane;
      for (std::int64_t r = 0; r < layer.rows.size; ++r) {
        for (std::int64_t s = 0; s < layer.columns.size; ++s) {
          if (maximum) {
            through_tap(in, out, layer, r, s, from, into, [](std::int32_t a, std::int8_t x) {
              return std::max<std::int32_t>(a, x);
            });
            continue;
          }
          const std::int64_t tap = ((k * inner + c) * layer.rows.size + r) * layer.columns.size + s;
          const std::int32_t weight = layer.weights[static_cast<std::size_t>(tap)];
          through_tap(in, out, layer, r, s, from, into, [&](std::int32_t a, std::int8_t x) {
            return static_cast<std::int32_t>(static_cast<std::uint32_t>(a) +
                                             static_cast<std::uint32_t>(weight * x));
          });
        }
      }
    }
  }
  return sums;
}

std::int8_t rescaled(const Rescale& rescale, std::int32_t sum, std::int32_t bias,
                     std::int8_t other) {
  std::int32_t value = wrapped(std::int64_t{sum} + bias);
  value = shifted(value, rescale.pre_shift);
  value = wrapped(value + rescale.factor * other);
  value = shifted(value, rescale.shift);
  return static_cast<std::int8_t>(
      std::min<std::int64_t>(std::max<std::int64_t>(value, rescale.low), rescale.high));
}

std::vector<std::vector<std::int8_t>> run_integer_network(const IntegerNetwork& network,
                                                          std::span<const std::int8_t> input) {
  std::vector<std::vector<std::int8_t>> tensors{{input.begin(), input.end()}};
  for (std::size_t l = 0; l < network.layers.size(); ++l) {
    const IntegerLayer& layer = network.layers[l];
    const ImageShape& out = network.output_of(l).shape;
    const std::vector<std::int32_t> sums = layer_sums(network, l, tensors[layer.input]);
    std::vector<std::int8_t> result(sums.size());
    for (std::size_t i = 0; i < sums.size(); ++i) {
      const std::size_t channel = i / static_cast<std::size_t>(out.rows * out.columns) %
                                  static_cast<std::size_t>(out.channels);
      const std::int32_t bias = layer.bias.empty() ? 0 : layer.bias[channel];
      const std::int8_t other = layer.other ? tensors[*layer.other][i] : std::int8_t{0};
      result[i] = rescaled(layer.rescale, sums[i], bias, other);
    }
    tensors.push_back(std::move(result));
  }
  return tensors;
}

}  // namespace tileloom::reference
