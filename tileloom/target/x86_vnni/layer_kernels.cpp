#include "tileloom/target/x86_vnni/layer_kernels.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <map>

#include "tileloom/support/checked.hpp"
#include "tileloom/support/random.hpp"
#include "tileloom/target/x86_vnni/channels_last.hpp"
#include "tileloom/target/x86_vnni/choose.hpp"
#include "tileloom/target/x86_vnni/emit.hpp"

namespace tileloom::x86_vnni {
namespace {

/// What stands in the library beside the kernels: sums to bytes; maximum, average and sum of
/// images, and convolutions of every channel by itself, for one row of results. `window` is rows,
/// columns, bytes between rows, stride, bytes between columns of the window.
constexpr const char* kRowCode = R"(
#include <immintrin.h>
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC push_options
#pragma GCC optimize("O3")
#endif
extern "C" void to_bytes(const int* __restrict sums, unsigned char* __restrict bytes, long count,
                         int shift) {
  for (long i = 0; i < count; ++i) {
    int v = sums[i] >> shift;
    v = v < 0 ? 0 : v;
    bytes[i] = (unsigned char)(v > 255 ? 255 : v);
  }
}
static void keep_larger(const unsigned char* __restrict from, unsigned char* __restrict to,
                        long count) {
  for (long c = 0; c < count; ++c) to[c] = from[c] > to[c] ? from[c] : to[c];
}
extern "C" void row_maximum(const unsigned char* data, unsigned char* result, int*, long columns,
                            long channels, const long* window) {
  for (long q = 0; q < columns; ++q, result += channels) {
    __builtin_memset(result, 0, channels);
    for (long r = 0; r < window[0]; ++r)
      for (long s = 0; s < window[1]; ++s)
        keep_larger(data + r * window[2] + (q * window[3] + s * window[4]), result, channels);
  }
}
static void accumulate(const unsigned char* __restrict from, int* __restrict to, long count) {
  for (long c = 0; c < count; ++c) to[c] += from[c];
}
extern "C" void row_average(const unsigned char* data, unsigned char* result, int* sums,
                            long columns, long channels, const long* window) {
  const int size = (int)(window[0] * window[1]);
  for (long q = 0; q < columns; ++q, result += channels) {
    __builtin_memset(sums, 0, channels * sizeof(int));
    for (long r = 0; r < window[0]; ++r)
      for (long s = 0; s < window[1]; ++s)
        accumulate(data + r * window[2] + (q * window[3] + s * window[4]), sums, channels);
    for (long c = 0; c < channels; ++c) result[c] = (unsigned char)((2 * sums[c] + size) / (2 * size));
  }
}
extern "C" void row_sum(const unsigned char* __restrict a, const unsigned char* __restrict b,
                        unsigned char* __restrict result, long count) {
  for (long i = 0; i < count; ++i) result[i] = (unsigned char)((a[i] + b[i] + 1) >> 1);
}
static void multiply_add(const unsigned char* __restrict from, const signed char* __restrict by,
                         int* __restrict to, long count) {
  for (long c = 0; c < count; ++c) to[c] += from[c] * by[c];
}
extern "C" void row_depthwise(const unsigned char* data, const signed char* weights,
                              unsigned char* result, int* sums, long columns, long channels,
                              const long* window, int shift) {
  for (long q = 0; q < columns; ++q, result += channels) {
    const signed char* by = weights;
    __builtin_memset(sums, 0, channels * sizeof(int));
    for (long r = 0; r < window[0]; ++r)
      for (long s = 0; s < window[1]; ++s, by += channels)
        multiply_add(data + r * window[2] + (q * window[3] + s * window[4]), by, sums, channels);
    to_bytes(sums, result, channels, shift);
  }
}
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC pop_options
#endif
)";

/// The convolution of `count` rows of an image whose padding is already there.
Operator rows_operator(const Layer& layer, const PaddedImage& image, std::int64_t count) {
  ConvShape shape = layer.shape;
  for (ConvAxis& axis : shape.axes) axis.pad_before = axis.pad_after = 0;
  shape.axes[0].output = count;
  shape.axes[0].input = 0;
  shape.axes[1].input = image.columns();
  return channels_last(one_conv("rows", shape, {}).operators[OperatorId{0}]);
}

std::int64_t sum_length(const ConvShape& shape) {
  return shape.in_channels / shape.groups * shape.axes[0].filter * shape.axes[1].filter;
}

/// Every channel by itself: the instruction would keep one lane of sixteen busy.
bool depthwise(const Layer& layer) {
  const ConvShape& shape = layer.shape;
  return layer.kind == LayerKind::convolution && shape.groups > 1 &&
         shape.groups == shape.in_channels && shape.groups == shape.out_channels;
}

/// [C, R, S] as [R, S, C].
std::vector<std::int8_t> channels_innermost(const std::vector<std::int8_t>& weights,
                                            std::int64_t channels) {
  std::vector<std::int8_t> turned;
  const std::size_t taps = weights.size() / static_cast<std::size_t>(channels);
  for (std::size_t t = 0; t < taps; ++t) {
    for (std::size_t at = t; at < weights.size(); at += taps) turned.push_back(weights[at]);
  }
  return turned;
}

/// Source of kernels, each text once.
class Source {
 public:
  /// The name of the kernel.
  std::string add(const Plan& plan) {
    const auto [place, is_new] = names_.try_emplace(emit(plan, "kernel"));
    if (is_new) {
      place->second = fmt::format("kernel{}", names_.size());
      text_ += fmt::format("namespace n{} {{\n{}}}\n", names_.size(), emit(plan, place->second));
    }
    return place->second;
  }
  /// The includes of each kernel are already there, at the beginning.
  std::string take() {
    const std::string include = "#include <immintrin.h>\n";
    for (std::size_t at; (at = text_.find(include)) != std::string::npos;) {
      text_.erase(at, include.size());
    }
    return kRowCode + text_;
  }

 private:
  std::map<std::string, std::string> names_;
  std::string text_;
};

struct Names {
  std::string one, more;
};

Result<Names> add_kernels(const Layer& layer, const PaddedImage& image, const Instruction& vnni,
                          Random& random, Source& source, Ready& made) {
  constexpr std::int64_t kPixels = 28;  ///< that fill the registers
  const std::int64_t columns = layer.shape.axes[1].output;
  made.rows_at_once = std::min(layer.shape.axes[0].output, ceil_div(kPixels, columns));
  made.shift =
      7 + static_cast<int>(std::bit_width(static_cast<std::uint64_t>(sum_length(layer.shape)))) / 2;
  for (std::int64_t i = 0; i < layer.shape.out_channels * sum_length(layer.shape); ++i) {
    made.weights.push_back(static_cast<std::int8_t>(random.below(256)));
  }
  Names names;
  if (depthwise(layer)) {
    made.packed_one = channels_innermost(made.weights, layer.shape.in_channels);
    return names;
  }
  for (const std::int64_t count : {std::int64_t{1}, made.rows_at_once}) {
    const Operator op = rows_operator(layer, image, count);
    auto chosen = choose(op, vnni, false);
    if (!chosen) {
      return mistake({}, fmt::format("{} has no code here: {}", layer.name, chosen.error()),
                     "only layers that the instruction can compute are measured");
    }
    chosen->plan.streamed = false;
    const bool one = count == 1;
    (one ? names.one : names.more) = source.add(chosen->plan);
    (one ? made.packed_one : made.packed_more) =
        pack_weights(chosen->op, vnni, chosen->embedding, chosen->plan, made.weights);
    if (count == made.rows_at_once) break;
  }
  return names;
}

}  // namespace

Result<LayerKernels> LayerKernels::build(const Region& region,
                                         const PerId<TensorId, PaddedImage>& images,
                                         const Instruction& vnni, const std::string& compiler) {
  Random random(5);
  Source source;
  LayerKernels kernels;
  PerId<OperatorId, Names> names(region.layers.size());
  kernels.ready_ = PerId<OperatorId, Ready>(region.layers.size());
  for (const OperatorId id : ids<OperatorId>(region.layers.size())) {
    const Layer& layer = region.layers[id];
    if (layer.kind != LayerKind::convolution) continue;
    Result<Names> added =
        add_kernels(layer, images[layer.inputs[0]], vnni, random, source, kernels.ready_[id]);
    if (!added) return tl::unexpected(added.error());
    names[id] = std::move(*added);
  }
  Result<Library> built = Library::build(source.take(), compiler, vector_lanes(vnni));
  if (!built) return tl::unexpected(built.error());
  const Library& library = kernels.library_.emplace(std::move(*built));
  for (const OperatorId id : ids<OperatorId>(names.size())) {
    if (!names[id].one.empty()) kernels.ready_[id].one = library.kernel(names[id].one);
    if (!names[id].more.empty()) kernels.ready_[id].more = library.kernel(names[id].more);
  }
  kernels.to_bytes_ = reinterpret_cast<ToBytes>(library.symbol("to_bytes"));
  kernels.row_maximum_ = reinterpret_cast<Windows>(library.symbol("row_maximum"));
  kernels.row_average_ = reinterpret_cast<Windows>(library.symbol("row_average"));
  kernels.row_depthwise_ = reinterpret_cast<Depthwise>(library.symbol("row_depthwise"));
  kernels.row_sum_ = reinterpret_cast<Add>(library.symbol("row_sum"));
  return kernels;
}

void LayerKernels::convolve(const Ready& made, const Layer& layer, ImageRows& input,
                            ImageRows& output, Interval rows, std::vector<int>& sums) const {
  const ConvAxis& down = layer.shape.axes[0];
  const ConvAxis& across = layer.shape.axes[1];
  const std::int64_t width = across.output * layer.shape.out_channels;
  for (std::int64_t r = rows.begin; r < rows.end;) {
    const std::uint8_t* data =
        input.row(r * down.stride - down.pad_before) - across.pad_before * layer.shape.in_channels;
    const bool more = made.more != nullptr && rows.end - r >= made.rows_at_once;
    const std::int64_t count = more ? made.rows_at_once : 1;
    sums.resize(std::max(sums.size(), static_cast<std::size_t>(count * width)));
    const Library::Kernel kernel = more ? made.more : made.one;
    kernel(data, (more ? made.packed_more : made.packed_one).data(), sums.data(), nullptr);
    for (std::int64_t i = 0; i < count; ++i) {
      to_bytes_(sums.data() + i * width, output.row(r + i), width, made.shift);
    }
    r += count;
  }
}

void LayerKernels::run(OperatorId id, const Layer& layer, const std::vector<ImageRows*>& inputs,
                       ImageRows& output, Interval rows, std::vector<int>& sums) const {
  const ConvAxis& down = layer.shape.axes[0];
  const ConvAxis& across = layer.shape.axes[1];
  const std::int64_t channels = layer.shape.in_channels;
  ImageRows& input = *inputs[0];
  if (layer.kind == LayerKind::convolution && !depthwise(layer)) {
    return convolve(ready_[id], layer, input, output, rows, sums);
  }
  sums.resize(std::max(sums.size(), static_cast<std::size_t>(channels)));
  const long window[] = {down.filter, across.filter, down.dilation * input.pitch(),
                         across.stride * channels, across.dilation * channels};
  const Windows over_windows = layer.kind == LayerKind::maximum ? row_maximum_ : row_average_;
  for (std::int64_t r = rows.begin; r < rows.end; ++r) {
    if (layer.kind == LayerKind::addition) {
      row_sum_(input.row(r), inputs[1]->row(r), output.row(r), across.output * channels);
    } else if (layer.kind == LayerKind::copy) {
      std::uint8_t* to = output.row(r) + layer.first_channel;
      for (std::int64_t q = 0; q < across.output; ++q) {
        std::memcpy(to + q * layer.shape.out_channels, input.row(r) + q * channels,
                    static_cast<std::size_t>(channels));
      }
    } else {
      const std::uint8_t* data =
          input.row(r * down.stride - down.pad_before) - across.pad_before * channels;
      if (layer.kind == LayerKind::convolution) {
        row_depthwise_(data, ready_[id].packed_one.data(), output.row(r), sums.data(),
                       across.output, channels, window, ready_[id].shift);
      } else {
        over_windows(data, output.row(r), sums.data(), across.output, channels, window);
      }
    }
  }
}

}  // namespace tileloom::x86_vnni
