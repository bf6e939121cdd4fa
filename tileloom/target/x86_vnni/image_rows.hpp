#pragma once
// Some rows of an image of bytes with the zeros that its readers' windows see around it.

#include <cstdint>
#include <vector>

#include "tileloom/target/x86_vnni/region.hpp"
#include "tileloom/workload/interval.hpp"

namespace tileloom::x86_vnni {

/// Widest padding that any reader sees, in rows and columns.
struct PaddedImage {
  ImageSize size;
  std::int64_t above = 0, below = 0, left = 0, right = 0;

  std::int64_t columns() const { return left + size.columns + right; }
  std::int64_t pitch() const { return columns() * size.channels; }  ///< bytes from row to row
  /// Rows with the padding above and below, where they are at the image's border.
  Interval with_padding(Interval rows) const {
    return {rows.begin <= 0 ? -above : rows.begin,
            rows.end >= size.rows ? size.rows + below : rows.end};
  }
};

/// The images of all activations, in the layout that every reader of the region can use.
PerId<TensorId, PaddedImage> padded_images(const Region& region);

/// [rows][left + columns + right][channels].
class ImageRows {
 public:
  /// Makes room for `rows` (padding included; row −1 is the first above the image) and sets the
  /// padding to zero. What the image's own places hold is not defined.
  void hold(const PaddedImage& image, Interval rows);

  /// The row's first element inside the image.
  std::uint8_t* row(std::int64_t r) { return bytes_.data() + (r - first_) * pitch_ + left_; }
  std::int64_t pitch() const { return pitch_; }

 private:
  std::vector<std::uint8_t> bytes_;
  std::int64_t first_ = 0, pitch_ = 0, left_ = 0;
};

}  // namespace tileloom::x86_vnni
