#pragma once
#include <string>

#include "tileloom/cost/profiles/timeloop/arch.hpp"
#include "tileloom/cost/profiles/timeloop/problem.hpp"
#include "tileloom/cost/profiles/timeloop/stats.hpp"

namespace tileloom::report {

/// Cycles, utilisation and energy, and per level and dataspace the counts (words per instance) and
/// picojoules of Timeloop's model; ends in a newline.
std::string timeloop_table(const cost::timeloop::Arch& arch, const cost::timeloop::Problem& problem,
                           const cost::timeloop::Stats& stats);

}  // namespace tileloom::report
