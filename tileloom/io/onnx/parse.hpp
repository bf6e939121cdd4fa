#pragma once
#include <string>
#include <string_view>

#include "tileloom/io/onnx/graph.hpp"
#include "tileloom/support/diagnostic.hpp"

namespace tileloom::onnx_import {

/// Decodes the bytes of a model file with the ONNX project's schema.
Result<Model> parse(std::string_view bytes, const std::string& file);

}  // namespace tileloom::onnx_import
