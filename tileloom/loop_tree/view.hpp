#pragma once
// One tensor seen through two row-major views: a convolution may write [N, K, H, W] what a grouped
// one reads as [N, G, C, H, W].

#include <optional>
#include <vector>

#include "tileloom/loop_tree/region.hpp"
#include "tileloom/workload/operator.hpp"

namespace tileloom {

/// The extents of an operand's axes.
std::vector<std::int64_t> view_extents(const Operand& operand);

/// Carries boxes from one view to another: runs of axes with equal products belong together; in
/// each, one of the views has one axis.
class ViewMap {
 public:
  /// Absent if the views do not fit together so, or have more than kMostAxes axes.
  static std::optional<ViewMap> between(const std::vector<std::int64_t>& from,
                                        const std::vector<std::int64_t>& to);

  /// The smallest box of the other view that contains all elements of `box`.
  Box operator()(const Box& box) const;

 private:
  struct Group {
    std::size_t from = 0, from_end = 0;  ///< axes of each view
    std::size_t to = 0, to_end = 0;
  };
  std::vector<std::int64_t> from_;
  std::vector<std::int64_t> to_;
  std::vector<Group> groups_;
  bool same_ = false;
};

}  // namespace tileloom
