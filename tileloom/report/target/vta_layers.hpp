#pragma once
#include <string>

#include "tileloom/target/vta/network/layer_times.hpp"

namespace tileloom::report {

/// Layers of a program with their cycles, the share of them in which the GEMM core computes sums
/// ("util"), and how busy each unit is; a line for all of them.
std::string vta_layer_table(const target::vta::Program& program, const target::vta::Timing& timing);

/// The same as a JSON array.
std::string vta_layer_json(const target::vta::Program& program, const target::vta::Timing& timing);

}  // namespace tileloom::report
