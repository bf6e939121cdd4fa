#pragma once
// The ONNX project's own shape inference, one node at a time.

#include <optional>
#include <vector>

#include "tileloom/io/onnx/network.hpp"

namespace tileloom::onnx_import {

/// The sizes of `declaration` with symbols bound, if all are known.
std::optional<Shape> known_shape(const Network& network, const Declaration& declaration);

/// What ONNX knows of the node's outputs, in order; entries without a shape where it fails.
std::vector<Declaration> infer(const Network& network, const Node& node);

/// Adds a note if ONNX disagrees with the shapes the importer found.
void cross_check(const Network& network, const Node& node, NodeCoverage& line);

}  // namespace tileloom::onnx_import
