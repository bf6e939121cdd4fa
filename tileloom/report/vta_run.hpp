#pragma once
#include <string>

#include "tileloom/target/vta/simulate.hpp"

namespace tileloom::report {

/// A run of a VTA program as JSON: status (the exit code) and its meaning, error, warnings, races,
/// insn (instructions by opcode), profile (DRAM bytes by memory and steps, under the names of VTA's
/// own profiler), gemm_same_dst_within_3, expect (per comparison).
std::string vta_run_json(const target::vta::RunReport& report);

}  // namespace tileloom::report
