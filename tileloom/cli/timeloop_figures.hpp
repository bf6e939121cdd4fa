#pragma once
#include <string>

#include "tileloom/driver/import_timeloop.hpp"

namespace tileloom::cli {

/// Prints the figures of Timeloop's model and writes them as JSON to `file` unless it is empty.
Result<void> show_timeloop_figures(const driver::TimeloopCost& cost, const std::string& file);

}  // namespace tileloom::cli
