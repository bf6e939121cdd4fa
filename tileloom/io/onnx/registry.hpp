#pragma once
// The rule for each operator type.

#include <map>
#include <string>

#include "tileloom/io/onnx/node_scope.hpp"

namespace tileloom::onnx_import {

/// States what a node becomes through its scope; throws NodeMistake or Unsupported.
using Rule = void (*)(NodeScope& scope);

/// Rules by operator type; those of other domains as "domain/type".
using Registry = std::map<std::string, Rule>;

const Registry& registry();

}  // namespace tileloom::onnx_import
