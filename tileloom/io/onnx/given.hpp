#pragma once
#include "tileloom/io/onnx/network.hpp"

namespace tileloom::onnx_import {

/// The values that no node of the graph makes: initializers, and inputs with their sizes bound. An
/// input that has an initializer is that constant, as up to IR version 3.
void add_given(Network& network, const Graph& graph);

/// Counts for every name the nodes that need its content, and the outputs it is.
void count_readers(Network& network, const Graph& graph);

}  // namespace tileloom::onnx_import
