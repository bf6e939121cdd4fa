#pragma once
// Timeloop's `mapping:`, a list of directives.

#include <string>
#include <vector>

#include "tileloom/cost/profiles/timeloop/arch.hpp"
#include "tileloom/cost/profiles/timeloop/mapping.hpp"
#include "tileloom/io/timeloop/reading.hpp"

namespace tileloom::io::timeloop {

/// Names of all targets, in the order of the file.
std::vector<std::string> mapping_targets(const Node& node);

/// Reads the value of `mapping:`. Per level and type: `factors` (missing ones are 1, 0 is the whole
/// bound), `permutation` innermost first (missing dims follow outside, in the order of the
/// problem), for spatial ones `split` = number of places of the permutation that go to X (missing:
/// all), and `keep` / `bypass` (missing: what the architecture allows).
cost::timeloop::Mapping read_mapping(const Node& node, const cost::timeloop::Arch& arch,
                                     const cost::timeloop::Problem& problem, Reading& reading);

}  // namespace tileloom::io::timeloop
