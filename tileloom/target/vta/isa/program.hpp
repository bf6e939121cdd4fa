#pragma once
// An image with what a host needs to use it: where the tensors lie in its regions.

#include <cstdint>
#include <string>
#include <vector>

#include "tileloom/target/vta/isa/element_map.hpp"
#include "tileloom/target/vta/isa/image.hpp"
#include "tileloom/target/vta/isa/timing_options.hpp"

namespace tileloom::target::vta {

/// A tensor that the host packs into a region or unpacks from it.
struct HostTensor {
  std::string name;
  bool output = false;
  std::vector<std::int64_t> shape;
  std::string region;
  ElementMap map;  ///< elements in row-major order
  bool operator==(const HostTensor&) const = default;
};

/// The instructions [begin, end) of one layer of a network.
struct LayerSpan {
  std::string name;
  std::string kind;
  std::int64_t begin = 0;
  std::int64_t end = 0;
  std::int64_t multiplications = 0;  ///< by weights, without those of idle lanes
  /// GEMM steps of the sums themselves: not of a bias or an added tensor, not those left out.
  std::int64_t sum_steps = 0;
  bool operator==(const LayerSpan&) const = default;
};

/// All GEMM steps of a layer, resets not counted.
inline std::int64_t gemm_steps(const Image& image, const LayerSpan& layer) {
  return gemm_steps(std::span(image.program)
                        .subspan(static_cast<std::size_t>(layer.begin),
                                 static_cast<std::size_t>(layer.end - layer.begin)));
}

struct Program {
  Image image;
  std::vector<HostTensor> tensors;
  std::vector<LayerSpan> layers;  ///< none: a single operator
  TimingOptions timing;           ///< of the machine that it was made for
  bool operator==(const Program&) const = default;
};

}  // namespace tileloom::target::vta
