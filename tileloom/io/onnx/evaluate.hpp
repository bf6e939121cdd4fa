#pragma once
#include "tileloom/io/onnx/network.hpp"

namespace tileloom::onnx_import {

/// Shape arithmetic: if all inputs of the node have known content and the operator is one that
/// exporters compute shapes with, states the content of its outputs. `mark` is the first operator
/// the node has added; those that only move elements are carried out.
void evaluate(Network& network, const Node& node, std::size_t mark);

}  // namespace tileloom::onnx_import
