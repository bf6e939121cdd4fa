#pragma once
#include <string>

#include "tileloom/report/comparison/comparison.hpp"

namespace tileloom::report {

/// Everything known of a comparison, schema "tileloom.comparison/1" (docs/compare.md).
std::string comparison_json(const Comparison& comparison);

/// One line per improvement of every search, as in docs/compare.md; RFC 4180.
std::string comparison_csv(const Comparison& comparison);

}  // namespace tileloom::report
