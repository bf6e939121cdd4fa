#pragma once
#include <string>

#include "tileloom/report/comparison/comparison.hpp"
#include "tileloom/report/schedule/table.hpp"

namespace tileloom::report {

/// The answer of `compare` for a terminal: a line per mapper with the geometric mean over the
/// layers relative to the floor, and a line per layer.
std::string comparison_table(const Comparison& comparison, const TableOptions& options = {});

}  // namespace tileloom::report
