#pragma once
#include <string>
#include <string_view>

#include "tileloom/io/onnx/graph.hpp"
#include "tileloom/support/diagnostic.hpp"

namespace tileloom::onnx_import {

/// Decodes the bytes of a model file with the ONNX project's schema. Constants of more than
/// `most_numbers` elements are left without content.
Result<Model> parse(std::string_view bytes, const std::string& file,
                    std::int64_t most_numbers = kMostFoldedNumbers);

}  // namespace tileloom::onnx_import
