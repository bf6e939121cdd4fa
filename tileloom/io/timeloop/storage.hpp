#pragma once
// One component of a Timeloop architecture: a storage level or the MACs.

#include <string>

#include "tileloom/cost/profiles/timeloop/arch.hpp"
#include "tileloom/io/timeloop/reading.hpp"

namespace tileloom::io::timeloop {

/// True for classes that compute: "mac", "intmac", "fpmac", "compute", ...
bool computes(const std::string& component_class);

/// Instances stated by `attributes` (instances, meshX, meshY), or `fallback` if none is.
cost::timeloop::Mesh read_mesh(const Node* attributes, const cost::timeloop::Mesh& fallback,
                               Reading& reading);

/// A storage level from its class and attributes; the mesh is left to the caller.
cost::timeloop::Level read_storage(const std::string& name, const std::string& component_class,
                                   const Node* attributes, Reading& reading);

/// Width and energy of the MACs; the mesh is left to the caller.
cost::timeloop::Arithmetic read_arithmetic(const Node* attributes, Reading& reading);

}  // namespace tileloom::io::timeloop
