#pragma once
#include <string>

#include "tileloom/target/vta/isa/program.hpp"
#include "tileloom/target/vta/simulator/simulate.hpp"
#include "tileloom/target/vta/simulator/timing.hpp"

namespace tileloom::report {

/// A run of a VTA program as JSON: status (the exit code) and its meaning, error, warnings, races,
/// insn (instructions by opcode), profile (DRAM bytes by memory and steps, under the names of VTA's
/// own profiler), gemm_same_dst_within_3, expect (per comparison); cycles with the utilisation
/// (GEMM steps per cycle, those of biases and added tensors included) and the busy cycles of each
/// unit if `timing` is given, then the layers too, whose utilisation counts the steps of the sums
/// only.
std::string vta_run_json(const target::vta::RunReport& report, const target::vta::Program& program,
                         const target::vta::Timing* timing);

/// A compiled program as JSON: subject (what was compiled), shape (of the GEMM core), embedding (in
/// words; null of a network), instructions, gemm_steps, regions of DRAM, tensors (what a host hands over
/// and gets), timing and layers as in a run's.
std::string vta_program_json(const std::string& subject, const std::string& embedding,
                             const target::vta::Program& program,
                             const target::vta::Timing& timing);

/// What each unit does in every cycle and what it waits for, in the Trace Event format (Perfetto,
/// chrome://tracing), with a track of its own for the layers of a network. One cycle lasts a
/// microsecond.
std::string vta_trace(const target::vta::Program& program, const target::vta::Timing& timing);

}  // namespace tileloom::report
