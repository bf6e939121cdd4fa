#pragma once
// An image with what a host needs to use it: where the tensors lie in its regions.

#include <cstdint>
#include <string>
#include <vector>

#include "tileloom/target/vta/isa/image.hpp"

namespace tileloom::target::vta {

/// A tensor that the host packs into a region or unpacks from it.
struct HostTensor {
  std::string name;
  bool output = false;
  std::vector<std::int64_t> shape;
  std::string region;
  /// For every byte of the region the element (row-major) that it holds; -1: zero, or dropped.
  std::vector<std::int32_t> table;
  bool operator==(const HostTensor&) const = default;
};

/// The instructions [begin, end) of one layer of a network.
struct LayerSpan {
  std::string name;
  std::string kind;
  std::int64_t begin = 0;
  std::int64_t end = 0;
  std::int64_t multiplications = 0;  ///< by weights, without those of idle lanes
  std::int64_t gemm_steps = 0;       ///< of the sum itself, padding that is left out not counted
  bool operator==(const LayerSpan&) const = default;
};

struct Program {
  Image image;
  std::vector<HostTensor> tensors;
  std::vector<LayerSpan> layers;  ///< none: a single operator
  bool operator==(const Program&) const = default;
};

}  // namespace tileloom::target::vta
