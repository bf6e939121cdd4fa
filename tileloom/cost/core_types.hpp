#pragma once
// Equal cores and equal tiles are costed once: what there is of each kind along an axis, and every
// way to choose one kind per axis.

#include <cstddef>
#include <cstdint>
#include <vector>

#include "tileloom/workload/split_axis.hpp"

namespace tileloom::cost {

/// So many tiles of one kind.
struct Tiles {
  std::size_t kind = 0;
  std::int64_t count = 0;
  bool operator==(const Tiles&) const = default;
};
/// What a core does along one axis: its tiles by kind, and the first and the last one.
struct CoreType {
  std::vector<Tiles> tiles;
  std::size_t first = 0;
  std::size_t last = 0;
  std::int64_t count = 1;  ///< not counted: one of each type is looked at
  bool operator==(const CoreType&) const = default;
};

/// The types there are among the cores.
/// @param kind_of  of every part, in order: so many cores of so many tiles each
std::vector<CoreType> core_types(const std::vector<std::size_t>& kind_of, std::int64_t cores,
                                 std::int64_t tiles);

/// Calls `visit(chosen, count)` for every way to choose one item per axis; `count` is the product
/// of the items' counts.
template <class Items, class Visit>
void for_each_choice(const PerSplit<Items>& items, const Visit& visit) {
  PerSplit<std::size_t> chosen{};
  for (chosen[0] = 0; chosen[0] < items[0].size(); ++chosen[0]) {
    for (chosen[1] = 0; chosen[1] < items[1].size(); ++chosen[1]) {
      for (chosen[2] = 0; chosen[2] < items[2].size(); ++chosen[2]) {
        for (chosen[3] = 0; chosen[3] < items[3].size(); ++chosen[3]) {
          std::int64_t count = 1;
          for (std::size_t axis = 0; axis < kSplitAxes; ++axis) {
            count *= items[axis][chosen[axis]].count;
          }
          visit(chosen, count);
        }
      }
    }
  }
}

}  // namespace tileloom::cost
