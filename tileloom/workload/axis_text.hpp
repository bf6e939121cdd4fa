#pragma once

#include <string>

#include "tileloom/workload/operator.hpp"

namespace tileloom {

/// The coordinate of an axis as people write it, in the operator's ranks: "2*p + r - 1".
std::string axis_text(const Operator& op, const Axis& axis);

}  // namespace tileloom
