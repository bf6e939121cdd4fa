#pragma once
#include "tileloom/io/onnx/network.hpp"

namespace tileloom::onnx_import {

/// States what every node of `graph` becomes, producers first; lines are appended to the coverage
/// in the order of the file. Names the graph takes from outside must be known already.
void lower_graph(Network& network, const Graph& graph, const std::string& prefix);

/// The finished workload: only tensors in use, kinds and accumulator widths decided.
Workload finish(Network network, const std::string& name);

}  // namespace tileloom::onnx_import
