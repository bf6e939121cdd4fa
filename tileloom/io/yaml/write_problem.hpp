#pragma once
#include <string>

#include "tileloom/workload/workload.hpp"

namespace tileloom {

/// One operator of a workload as a problem file, always as an Einsum; `parse_problem` reads the
/// same operator back.
std::string write_problem(const Workload& workload, const Operator& op);

}  // namespace tileloom
