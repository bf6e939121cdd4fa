#pragma once
// Sets of elements of a tensor as boxes: what is needed, present and missing while a fused tree
// runs. docs/cost_model.md, section 9.

#include <array>
#include <cstdint>
#include <vector>

#include "tileloom/workload/interval.hpp"

namespace tileloom {

/// The most axes of a tensor that is fused.
inline constexpr std::size_t kMostAxes = 8;

/// One interval per axis; empty if one of them is. Without axes it is the one element of a scalar.
class Box {
 public:
  Box() = default;
  explicit Box(std::size_t axes) : axes_(axes) {}
  /// All of a tensor.
  static Box whole(const std::vector<std::int64_t>& extents);

  std::size_t axes() const { return axes_; }
  Interval& operator[](std::size_t axis) { return intervals_[axis]; }
  const Interval& operator[](std::size_t axis) const { return intervals_[axis]; }
  bool empty() const;
  std::int64_t size() const;  ///< elements
  bool operator==(const Box&) const = default;

 private:
  std::size_t axes_ = 0;
  std::array<Interval, kMostAxes> intervals_{};
};

Box intersection(const Box& a, const Box& b);
/// The smallest box that contains both; an empty one adds nothing.
Box hull(const Box& a, const Box& b);

/// A set of elements: disjoint boxes, none empty.
struct Region {
  std::vector<Box> boxes;

  Region() = default;
  Region(const Box& box);  // NOLINT(google-explicit-constructor): a box is a region
  bool empty() const { return boxes.empty(); }
  std::int64_t size() const;
};

Region intersection(const Region& a, const Box& b);
Region intersection(const Region& a, const Region& b);
/// Elements in both.
std::int64_t common(const Region& a, const Region& b);
Region difference(const Region& a, const Region& b);
Region united(const Region& a, const Region& b);

/// The region in boxes that depend on its elements only: along the first axis the fewest intervals
/// with one cross-section each, and the cross-sections in the same way.
std::vector<Box> pieces(const Region& region);

}  // namespace tileloom
