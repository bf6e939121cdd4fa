#pragma once
// A quantised network to one program.

#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "tileloom/target/vta/isa/program.hpp"
#include "tileloom/target/vta/network/layer_plan.hpp"

namespace tileloom::target::vta {

/// The program of a network without violations(): its input and its result as host tensors, all
/// else in memory. Regions: "input", "output", "activations", "weights" (tiles of weights, biases
/// and factors), "vector" (what biases are multiplied by), "micro_ops". Or, for every layer that has
/// no program, the reason.
tl::expected<Program, std::vector<std::string>> compile_network(const IntegerNetwork& network,
                                                                const Config& config,
                                                                const NetworkOptions& options = {});

}  // namespace tileloom::target::vta
