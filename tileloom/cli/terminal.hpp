#pragma once
#include "tileloom/report/schedule/table.hpp"

namespace tileloom::cli {

/// As wide as the terminal and in colour if stdout is one.
report::TableOptions table_options();

}  // namespace tileloom::cli
