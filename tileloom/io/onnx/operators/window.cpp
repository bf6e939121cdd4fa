#include "tileloom/io/onnx/operators/window.hpp"

#include <fmt/format.h>

#include "tileloom/support/checked.hpp"

namespace tileloom::onnx_import {
namespace {

/// One entry per spatial dimension, all ≥ `least`.
std::vector<std::int64_t> per_dimension(const NodeScope& scope, const std::string& name,
                                        std::size_t count, std::int64_t least) {
  const std::vector<std::int64_t> list =
      scope.integer_list(name, std::vector<std::int64_t>(count, least));
  if (list.size() != count) {
    scope.mistake(fmt::format("{} has {} entries, must have {}", name, list.size(), count));
  }
  for (const std::int64_t entry : list) {
    if (entry < least) {
      scope.mistake(fmt::format("{} has the entry {}, must be at least {}", name, entry, least));
    }
  }
  return list;
}

/// Padding that makes output = ⌈input / stride⌉, the odd element at the end (or at the beginning).
void pad_same(Window& window, bool odd_at_end) {
  window.output = ceil_div(window.input, window.stride);
  const std::int64_t reach =
      checked_add(checked_mul(window.output - 1, window.stride),
                  checked_add(checked_mul(window.kernel - 1, window.dilation), 1));
  const std::int64_t total = std::max<std::int64_t>(checked_sub(reach, window.input), 0);
  window.pad_begin = odd_at_end ? total / 2 : total - total / 2;
  window.pad_end = total - window.pad_begin;
}

}  // namespace

std::vector<Window> windows(const NodeScope& scope, const Shape& input, const Shape& kernel,
                            bool ceil_mode) {
  const std::size_t count = input.size();
  const auto strides = per_dimension(scope, "strides", count, 1);
  const auto dilations = per_dimension(scope, "dilations", count, 1);
  const auto pads = per_dimension(scope, "pads", 2 * count, 0);
  const std::string automatic = scope.text("auto_pad", "NOTSET");
  std::vector<Window> result;
  for (std::size_t d = 0; d < count; ++d) {
    Window window{
        .input = input[d], .kernel = kernel[d], .stride = strides[d], .dilation = dilations[d]};
    if (window.kernel < 1) {
      scope.mistake(
          fmt::format("the kernel is {}, must be at least 1 everywhere", to_text(kernel)));
    }
    if (automatic == "SAME_UPPER" || automatic == "SAME_LOWER") {
      pad_same(window, automatic == "SAME_UPPER");
      result.push_back(window);
      continue;
    }
    if (automatic == "NOTSET" || automatic.empty()) {
      window.pad_begin = pads[d];
      window.pad_end = pads[d + count];
    } else if (automatic != "VALID") {
      scope.mistake(fmt::format("auto_pad is '{}'", automatic),
                    "NOTSET, SAME_UPPER, SAME_LOWER and VALID exist");
    }
    const std::int64_t padded =
        checked_add(window.input, checked_add(window.pad_begin, window.pad_end));
    const std::int64_t reach = checked_add(checked_mul(window.dilation, window.kernel - 1), 1);
    if (reach > padded) {
      scope.mistake(
          fmt::format("dimension {}: the kernel reaches over {} elements, the padded "
                      "input has {}",
                      d, reach, padded));
    }
    const std::int64_t steps = padded - reach;
    window.output = (ceil_mode ? ceil_div(steps, window.stride) : steps / window.stride) + 1;
    if (ceil_mode && checked_mul(window.output - 1, window.stride) >=
                         checked_add(window.input, window.pad_begin)) {
      --window.output;
    }
    result.push_back(window);
  }
  return result;
}

std::string position_name(std::size_t dimension, std::size_t dimensions) {
  static const char* const kNames[] = {"O", "P", "Q"};
  return dimensions > 3 ? fmt::format("P{}", dimension) : kNames[dimension + 3 - dimensions];
}

std::string kernel_name(std::size_t dimension, std::size_t dimensions) {
  static const char* const kNames[] = {"T", "R", "S"};
  return dimensions > 3 ? fmt::format("R{}", dimension) : kNames[dimension + 3 - dimensions];
}

void add_batch_and_groups(Ranks& ranks, std::int64_t batch, std::int64_t groups, WindowAxes& axes) {
  const RankId n = ranks.add("N", batch);
  for (auto* tensor : {&axes.still, &axes.slid}) tensor->push_back(axis(n, batch));
  if (groups == 1) return;
  const RankId g = ranks.add("G", groups);
  for (auto* tensor : {&axes.still, &axes.slid, &axes.kernel}) tensor->push_back(axis(g, groups));
}

void add_windows(Ranks& ranks, const std::vector<Window>& spatial, const Shape& positions,
                 const Shape& extents, WindowAxes& axes) {
  std::vector<RankId> steps;
  for (std::size_t d = 0; d < spatial.size(); ++d) {
    steps.push_back(ranks.add(position_name(d, spatial.size()), positions[d]));
    axes.still.push_back(axis(steps.back(), positions[d]));
  }
  for (std::size_t d = 0; d < spatial.size(); ++d) {
    const Window& w = spatial[d];
    const RankId r = ranks.add(kernel_name(d, spatial.size()), w.kernel);
    axes.kernel.push_back(axis(r, w.kernel));
    axes.slid.push_back(axis({{steps[d], w.stride}, {r, w.dilation}}, -w.pad_begin, extents[d]));
  }
}

Shape outputs(const std::vector<Window>& spatial) {
  Shape shape;
  for (const Window& w : spatial) shape.push_back(w.output);
  return shape;
}

}  // namespace tileloom::onnx_import
