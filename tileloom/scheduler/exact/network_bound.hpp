#pragma once
#include "tileloom/cost/bounds.hpp"

namespace tileloom::scheduler {

/// Compulsory work and traffic of a network whose inputs and results have their home in the
/// outermost memory: every point that some result depends on is computed once, every element read
/// of what is given, and every result written, crosses that memory once. Holds for any schedule;
/// where views do not tell which elements are needed, none are counted.
cost::LowerBound network_bound(const Workload& workload, const Architecture& arch);

}  // namespace tileloom::scheduler
