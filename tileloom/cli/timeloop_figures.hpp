#pragma once
#include <string>

#include "tileloom/driver/import_timeloop.hpp"

namespace CLI {
class App;
}

namespace tileloom::cli {

/// --profile: whose conventions count.
void add_profile_option(CLI::App& verb, std::string& profile);
/// A mistake unless it is "tileloom" or "timeloop".
Result<void> known_profile(const std::string& profile);

/// Prints the figures of Timeloop's model and writes them as JSON to `file` unless it is empty.
Result<void> show_timeloop_figures(const driver::TimeloopCost& cost, const std::string& file);

}  // namespace tileloom::cli
