#pragma once
#include <string>
#include <vector>

#include "tileloom/io/onnx/graph.hpp"

namespace tileloom::onnx_import {

/// The nodes so that producers precede consumers, as indices into `graph.nodes`; a file in order
/// keeps its order. Names that no node makes are taken as known.
struct Order {
  std::vector<std::size_t> nodes;
  std::vector<std::size_t> cycle;  ///< nodes of one cycle, in order, if there is any
};
Order order(const Graph& graph);

/// Names that a node reads: its inputs, and what the graphs in its attributes take from outside.
std::vector<std::string> reads(const Node& node);

}  // namespace tileloom::onnx_import
