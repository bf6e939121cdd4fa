#pragma once
// The machine that --target and --shape name.

#include <string>

#include "tileloom/target/registry.hpp"

namespace tileloom::cli {

inline constexpr const char* kVtaTarget =
    "the machine: vta, or vta:BATCHxBLOCK_INxBLOCK_OUT,inp=SIZE,wgt=SIZE,acc=SIZE,uop=SIZE";

/// @param shape  of the GEMM core, where the target names none
inline Result<target::vta::Config> machine_of(const std::string& target, const std::string& shape) {
  const Result<target::vta::Config> usual = target::vta::config_of_shape(shape);
  if (!usual) return usual;
  return target::vta_machine(target, *usual);
}

}  // namespace tileloom::cli
