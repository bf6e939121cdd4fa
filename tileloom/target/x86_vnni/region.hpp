#pragma once
// The part of a network that the measuring back end runs.

#include <string>
#include <vector>

#include "tileloom/target/x86_vnni/layer.hpp"

namespace tileloom::x86_vnni {

struct LeftOut {
  std::string name;
  std::string why;
  bool operator==(const LeftOut&) const = default;
};

struct Region {
  /// What it reads from outside are inputs, what is read outside outputs of it.
  Workload workload;
  PerId<OperatorId, Layer> layers;  ///< of the workload's operators
  std::vector<LeftOut> left_out;    ///< in execution order
};

/// Of the connected parts of the workload that consist of layers, the one of most layers, the first
/// of equals. Operators are connected by the tensors that they make.
Region runnable_region(const Workload& workload);

}  // namespace tileloom::x86_vnni
