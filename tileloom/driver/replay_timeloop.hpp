#pragma once
#include "tileloom/driver/replay.hpp"

namespace tileloom::driver {

/// Replays a reference file of Timeloop figures under cost/profiles/timeloop.
Diagnostics replay_timeloop(const io::JsonText& file, const Each& each);

/// Counts and cycles: exact, but for the last digits of words in a network, which need not be
/// whole. Energies: 1e-6 relative. Figures that Timeloop prints with two decimals: half a unit of
/// the last one.
Tolerance timeloop_tolerance(std::string_view quantity);

}  // namespace tileloom::driver
