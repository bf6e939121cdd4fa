#pragma once
#include "tileloom/io/onnx/network.hpp"

namespace tileloom::onnx_import {

/// Shape arithmetic: if all inputs of the node have known content and the operator is one of those
/// that exporters compute shapes with, states the content of its output.
void evaluate(Network& network, const Node& node);

}  // namespace tileloom::onnx_import
