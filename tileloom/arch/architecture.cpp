#include "tileloom/arch/architecture.hpp"

#include <algorithm>

#include "tileloom/support/checked.hpp"

namespace tileloom {

bool replicated(const Architecture& arch, MemoryId memory, AxisId axis) {
  const std::vector<AxisId>& shared = arch.memories[memory].shared_along;
  return arch.axes[axis].below <= index(memory) && std::ranges::find(shared, axis) == shared.end();
}

std::int64_t instances(const Architecture& arch, MemoryId memory) {
  std::int64_t product = 1;
  for (const AxisId axis : ids<AxisId>(arch.axes.size())) {
    if (replicated(arch, memory, axis)) product = checked_mul(product, arch.axes[axis].size);
  }
  return product;
}

std::int64_t lanes(const Architecture& arch) {
  std::int64_t product = 1;
  for (const SpatialAxis& axis : arch.axes) product = checked_mul(product, axis.size);
  return product;
}

std::int64_t cores(const Architecture& arch) {
  std::int64_t product = 1;
  for (const SpatialAxis& axis : arch.axes) {
    if (axis.core) product = checked_mul(product, axis.size);
  }
  return product;
}

std::optional<MemoryId> find_memory(const Architecture& arch, std::string_view name) {
  for (const MemoryId id : ids<MemoryId>(arch.memories.size())) {
    if (arch.memories[id].name == name) return id;
  }
  return std::nullopt;
}

std::optional<AxisId> find_axis(const Architecture& arch, std::string_view name) {
  for (const AxisId id : ids<AxisId>(arch.axes.size())) {
    if (arch.axes[id].name == name) return id;
  }
  return std::nullopt;
}

}  // namespace tileloom
