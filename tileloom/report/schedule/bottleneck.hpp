#pragma once
// What bounds a layer's time, and what would relieve it.

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "tileloom/cost/evaluate.hpp"

namespace tileloom::report {

/// Compute, or one port of one memory.
struct Bottleneck {
  std::optional<MemoryId> memory;  ///< absent = compute
  cost::PortKind port = cost::PortKind::read;
  std::string bound;                ///< "compute" or "DRAM read port"
  std::vector<std::string> relief;  ///< sentences with their numbers, the nearest remedy first
};

/// "DRAM read port"
std::string port_name(const Architecture& arch, const cost::PortTime& port);

/// Names the slowest of compute and the ports (docs/cost_model.md, L3). For a port: the factor of
/// bandwidth after which the next limit is reached and the one that reaches compute, and the tensor
/// that sends most bits through it. For compute: which axes are idle and why, what partial tiles
/// waste, and how near the next limit is.
Bottleneck bottleneck(const Workload& workload, OperatorId op, const Architecture& arch,
                      std::span<const PathNode> path, const cost::Evaluation& evaluation);

}  // namespace tileloom::report
