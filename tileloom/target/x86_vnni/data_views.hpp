#pragma once
// Other ways to see a convolution's data before it is embedded.

#include <cstdint>
#include <optional>

#include "tileloom/workload/workload.hpp"

namespace tileloom::x86_vnni {

/// The operator without the rows and columns of results that see nothing but padding, which are
/// zero: extents of its moving ranks become smaller, the axes of its output begin later. Channels
/// last.
Operator without_padding_results(const Operator& op);

/// How rows of the data are copied beside one another: for image n, row p of results and column x
///     copy[n, p, x, r] = data[n, stride·p + dilation·r + offset, x]    zero outside
/// with the bytes of one column (its channels) as the element.
struct RowsBeside {
  std::int64_t images = 1, results = 1, filter = 1;
  std::int64_t stride = 1, dilation = 1, offset = 0;
  std::int64_t rows = 1, columns = 1, channels = 1;  ///< of the data
  std::int64_t before = 0, after = 0;                ///< columns of zeros in the copy
  bool operator==(const RowsBeside&) const = default;
};

struct Beside {
  Operator op;  ///< reads the copy, data [N, P, W, R, C], ranks in that order
  RowsBeside copy;
};

/// The operator on data whose rows under the filter stand beside one another, so that lanes run
/// over columns and rows of the filter: 5 x 5 with one channel needs ⌈25 / 4⌉ steps instead of
/// 5 · ⌈5 / 4⌉. Absent for filters of one row, groups, and other than two axes. Channels last.
std::optional<Beside> rows_beside(const Operator& op);

}  // namespace tileloom::x86_vnni
