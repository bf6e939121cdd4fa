#pragma once
#include "tileloom/io/onnx/network.hpp"

namespace tileloom::onnx_import {

/// Nodes that stand for other nodes: an If whose condition is known becomes the branch that is
/// taken, a call of a function that the file defines its body. Their nodes get lines of their own
/// at the end of the coverage. @return false if the node is no such thing Throws Unsupported for an
/// If whose condition is not known, for endless nesting and for bodies of more than a hundred
/// thousand nodes together.
bool expand(Network& network, const Node& node, NodeCoverage& line);

}  // namespace tileloom::onnx_import
