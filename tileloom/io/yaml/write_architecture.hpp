#pragma once
#include <string>

#include "tileloom/arch/architecture.hpp"

namespace tileloom {

/// The architecture in the format of docs/architecture_format.md, with every figure written out
/// (nothing is left to the energy table). What was read comes back:
/// parse_architecture(write_architecture(a)) == a for every `a` that `check` accepts and whose
/// energies all have a source.
std::string write_architecture(const Architecture& arch);

}  // namespace tileloom
