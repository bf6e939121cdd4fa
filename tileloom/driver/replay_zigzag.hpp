#pragma once
#include "tileloom/driver/replay.hpp"

namespace tileloom::driver {

/// Maps every layer of a reference file of ZigZag 3.8.5 and compares mapping, energy and latency.
Diagnostics replay_zigzag385(const io::JsonText& file, const Each& each);

/// Mappings, counts and cycles: exact. Energies: 1e-9 relative.
Tolerance zigzag385_tolerance(std::string_view quantity);

}  // namespace tileloom::driver
