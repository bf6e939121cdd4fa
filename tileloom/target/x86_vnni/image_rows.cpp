#include "tileloom/target/x86_vnni/image_rows.hpp"

#include <algorithm>
#include <cstring>

namespace tileloom::x86_vnni {
namespace {

constexpr std::int64_t kReadBeyond = 64;  ///< bytes that kernels may read after the last

void widen(const ConvAxis& axis, std::int64_t& before, std::int64_t& after) {
  before = std::max(before, axis.pad_before);
  after = std::max(after, reach(axis) - axis.pad_before - axis.input);
}

}  // namespace

PerId<TensorId, PaddedImage> padded_images(const Region& region) {
  PerId<TensorId, PaddedImage> images(region.workload.tensors.size());
  for (const Layer& layer : region.layers) {
    for (const TensorId tensor : {layer.inputs.front(), layer.inputs.back(), layer.output}) {
      PaddedImage& image = images[tensor];
      image.size = image_size(region.workload.tensors[tensor]).value_or(ImageSize{});
      if (tensor == layer.output) continue;
      widen(layer.shape.axes[0], image.above, image.below);
      widen(layer.shape.axes[1], image.left, image.right);
    }
  }
  return images;
}

void ImageRows::hold(const PaddedImage& image, Interval rows) {
  first_ = rows.begin;
  pitch_ = image.pitch();
  left_ = image.left * image.size.channels;
  const auto size = static_cast<std::size_t>(rows.length() * pitch_ + kReadBeyond);
  // The padding beside the image stays zero: nothing is ever written there.
  if (bytes_.size() < size) bytes_.assign(size, 0);
  const auto clear = [&](std::int64_t from, std::int64_t to) {
    if (from >= to) return;
    std::memset(bytes_.data() + (from - first_) * pitch_, 0,
                static_cast<std::size_t>((to - from) * pitch_));
  };
  clear(rows.begin, std::min<std::int64_t>(0, rows.end));
  clear(std::max(image.size.rows, rows.begin), rows.end);
}

}  // namespace tileloom::x86_vnni
