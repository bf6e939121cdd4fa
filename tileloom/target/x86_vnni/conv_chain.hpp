#pragma once
// The part of a network that the measuring back end can run: layers that follow one another.

#include <cstdint>
#include <string>
#include <vector>

#include "tileloom/workload/interval.hpp"
#include "tileloom/workload/make.hpp"

namespace tileloom::x86_vnni {

/// A convolution (with rectification) or a maximum over windows, one image, two axes.
struct ChainLayer {
  std::string name;
  bool maximum = false;
  ConvShape shape;  ///< of a maximum: groups = channels
  bool operator==(const ChainLayer&) const = default;
};

struct ConvChain {
  std::vector<ChainLayer> layers;  ///< the workload's first operators, in order
  std::string end;                 ///< why it is no longer: the operator that follows; or empty
};

/// The longest beginning of the workload in which each operator reads what the one before made, and
/// nobody else does.
ConvChain conv_chain(const Workload& workload);

/// Rows lo … hi − 1 of a layer's input that rows of its output need, those in the padding included.
Interval rows_needed(const ChainLayer& layer, Interval output);

std::int64_t output_rows(const ChainLayer& layer);
std::int64_t input_rows(const ChainLayer& layer);

}  // namespace tileloom::x86_vnni
