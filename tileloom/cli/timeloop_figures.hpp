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

/// The figures of Timeloop's model as a table, and as JSON.
std::string timeloop_figures_table(const driver::TimeloopCost& cost);
std::string timeloop_figures_json(const driver::TimeloopCost& cost);

}  // namespace tileloom::cli
