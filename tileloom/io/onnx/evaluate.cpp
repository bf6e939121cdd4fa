#include "tileloom/io/onnx/evaluate.hpp"

namespace tileloom::onnx_import {

void evaluate(Network&, const Node&) {}

}  // namespace tileloom::onnx_import
