#pragma once
// Which points of an operator touch the same element of an operand, as differences of points.

#include <cstdint>
#include <vector>

#include "tileloom/workload/operator.hpp"

namespace tileloom {

/// A difference of two points, by rank.
using Difference = std::vector<std::int64_t>;

/// Differences Δ ≠ 0 with |Δ_d| < extent_d that leave the operand's element unchanged; every other
/// one is a sum of these, up to sign. Per rank the operand does not have: 1 (also if its extent is
/// 1: padding moves there too). Per axis of two ranks: (c₂, −c₁) / gcd(c₁, c₂) if it is in range;
/// per axis of more, all that are in range.
std::vector<Difference> overlaps(const Operator& op, const Operand& operand);

/// The same for one axis.
std::vector<Difference> overlaps(const Operator& op, const Axis& axis);

}  // namespace tileloom
