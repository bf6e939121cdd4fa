// ConvTranspose, as the scatter it is: every input element adds to the outputs it reaches,
//     output[n, g·K + k, stride·p + dilation·r − pad…] += Σ_c input[n, g·C + c, p…] · weight[g·C +
//     c, k, r…]
// The ranks P, Q run over the positions of the input; an output index is an axis of several ranks,
// or, where every window lies beside the next (stride = kernel, no padding), two axes: the position
// and the place in its window. So such an operator may stand in a fused stack.

#include <fmt/format.h>

#include "tileloom/io/onnx/operators/families.hpp"
#include "tileloom/io/onnx/operators/window.hpp"
#include "tileloom/support/checked.hpp"

namespace tileloom::onnx_import {
namespace {

/// One spatial dimension; `input` counts the positions, `output` the results.
///     output = stride·(input − 1) + output_padding + dilation·(kernel − 1) + 1 − pad_begin −
///     pad_end
/// If output_shape is given, the padding follows from it. Source: ONNX ConvTranspose-11.
Window scatter(const NodeScope& scope, std::size_t d, std::size_t count, std::int64_t input,
               std::int64_t kernel) {
  const auto entry = [&](const std::string& name, std::size_t i, std::size_t entries,
                         std::int64_t least) {
    const auto list = scope.integer_list(name, std::vector<std::int64_t>(entries, least));
    if (list.size() != entries) {
      scope.mistake(fmt::format("{} has {} entries, must have {}", name, list.size(), entries));
    }
    if (list[i] < least) {
      scope.mistake(fmt::format("{} has the entry {}, must be at least {}", name, list[i], least));
    }
    return list[i];
  };
  Window window{.input = input,
                .kernel = kernel,
                .stride = entry("strides", d, count, 1),
                .dilation = entry("dilations", d, count, 1)};
  const std::int64_t extra = entry("output_padding", d, count, 0);
  const std::int64_t full = checked_add(checked_add(checked_mul(window.stride, input - 1), extra),
                                        checked_add(checked_mul(window.dilation, kernel - 1), 1));
  const std::string automatic = scope.text("auto_pad", "NOTSET");
  const bool same = automatic == "SAME_UPPER" || automatic == "SAME_LOWER";
  const std::vector<std::int64_t> wanted = scope.integer_list("output_shape", {});
  if (!wanted.empty() || same) {
    if (!wanted.empty() && wanted.size() != count && wanted.size() != count + 2) {
      scope.mistake(fmt::format("output_shape has {} entries, must have {}", wanted.size(), count));
    }
    window.output =
        wanted.empty() ? checked_mul(input, window.stride) : wanted[wanted.size() - count + d];
    const std::int64_t total = std::max<std::int64_t>(checked_sub(full, window.output), 0);
    window.pad_begin = automatic == "SAME_UPPER" ? total / 2 : total - total / 2;
    window.pad_end = total - window.pad_begin;
    return window;
  }
  if (automatic != "VALID") {
    window.pad_begin = entry("pads", d, 2 * count, 0);
    window.pad_end = entry("pads", d + count, 2 * count, 0);
  }
  window.output = checked_sub(full, checked_add(window.pad_begin, window.pad_end));
  return window;
}

bool beside_each_other(const Window& w) {
  return w.stride == w.kernel && w.dilation == 1 && w.pad_begin == 0 && w.pad_end == 0 &&
         w.output == w.input * w.kernel;
}

/// The result's axes, its last ones of `spatial`: those of windows beside each other in two.
std::vector<Axis> with_windows_apart(const std::vector<Axis>& slid,
                                     const std::vector<Window>& spatial) {
  const std::size_t first = slid.size() - spatial.size();
  std::vector<Axis> apart(slid.begin(), slid.begin() + static_cast<std::ptrdiff_t>(first));
  for (std::size_t d = 0; d < spatial.size(); ++d) {
    const Axis& whole = slid[first + d];
    if (!beside_each_other(spatial[d])) {
      apart.push_back(whole);
      continue;
    }
    apart.push_back(axis(whole.terms[0].rank, spatial[d].input));
    apart.push_back(axis(whole.terms[1].rank, spatial[d].kernel));
  }
  return apart;
}

void conv_transpose(NodeScope& scope) {
  const Shape& in = scope.shape(0, 2);
  const Shape& kernel = scope.shape(1, 2);
  const std::int64_t groups = scope.integer("group", 1);
  if (in.size() != kernel.size() || groups < 1 || kernel[0] != in[1] || in[1] % groups != 0) {
    scope.mistake(
        fmt::format("the input is {}, the weight {}, with {} groups: the weight's first "
                    "size must be the input's channels",
                    to_text(in), to_text(kernel), groups));
  }
  const std::size_t count = in.size() - 2;
  const std::int64_t channels = in[1] / groups;
  Ranks ranks;
  WindowAxes axes;
  add_batch_and_groups(ranks, in[0], groups, axes);
  const RankId k = ranks.add("K", kernel[1]);
  const RankId c = ranks.add("C", channels);
  axes.still.push_back(axis(c, channels));
  axes.kernel.push_back(axis(c, channels));
  axes.kernel.push_back(axis(k, kernel[1]));
  axes.slid.push_back(axis(k, kernel[1]));
  std::vector<Window> spatial;
  for (std::size_t d = 0; d < count; ++d) {
    spatial.push_back(scatter(scope, d, count, in[d + 2], kernel[d + 2]));
  }
  const Shape extents = outputs(spatial);
  add_windows(ranks, spatial, {in.begin() + 2, in.end()}, extents, axes);
  Shape shape{in[0], checked_mul(kernel[1], groups)};
  shape.insert(shape.end(), extents.begin(), extents.end());
  const TensorId out = scope.make(0, shape);
  scope.emit("", ranks,
             {scope.read(0, std::move(axes.still)), scope.read_weight(1, std::move(axes.kernel))},
             scope.write(out, with_windows_apart(axes.slid, spatial)), PointFunction::multiply, Reduction::sum);
}

}  // namespace

void add_conv_transpose_rules(Registry& rules) { rules["ConvTranspose"] = conv_transpose; }

}  // namespace tileloom::onnx_import
