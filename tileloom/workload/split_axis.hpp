#pragma once
// The four axes along which a network's tensors are cut into parts for the cores, and which axis of
// each tensor is which.

#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include "tileloom/workload/workload.hpp"

namespace tileloom {

enum class SplitAxis : std::uint8_t { batch, channels, rows, columns };
inline constexpr std::size_t kSplitAxes = 4;
inline constexpr std::array<SplitAxis, kSplitAxes> kAllSplitAxes = {
    SplitAxis::batch, SplitAxis::channels, SplitAxis::rows, SplitAxis::columns};
std::string to_string(SplitAxis axis);

/// A value per split axis.
template <class T>
using PerSplit = std::array<T, kSplitAxes>;

/// Position of each split axis in the tensor's shape; absent if the tensor has no such axis.
using AxisRoles = PerSplit<std::optional<std::size_t>>;

/// The roles of every tensor's axes. A network input has them from the operator that reads it: the
/// axis under a sum with weights is `channels`, the others are batch, rows and columns in order.
/// From there they follow the data: an output axis has the role of the input axis that shares its
/// rank; one that only weights (or the right-hand side of a product) have is `channels`.
PerId<TensorId, AxisRoles> axis_roles(const Workload& workload);

/// Axes of a tensor and of a view of it that cover the same elements: [first, last) each.
struct AxisGroup {
  std::size_t tensor_first = 0, tensor_last = 0;
  std::size_t view_first = 0, view_last = 0;
};
/// The finest such groups, in order.
std::vector<AxisGroup> axis_groups(const Tensor& tensor, const Operand& view);

}  // namespace tileloom
