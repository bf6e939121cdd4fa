#pragma once
// Reads one operator, given by its sizes. The format: docs/architecture_format.md, "Problems".

#include <string>

#include "tileloom/support/diagnostic.hpp"
#include "tileloom/workload/workload.hpp"

namespace tileloom {

/// A workload of one operator: a convolution, a matrix multiplication or any Einsum.
Result<Workload> read_problem(const std::string& path);
Result<Workload> parse_problem(const std::string& text, const std::string& file);

}  // namespace tileloom
