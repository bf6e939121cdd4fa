#pragma once
// From one operator to a program with its tensors.

#include <cstdint>
#include <string>
#include <vector>

#include "tileloom/target/vta/isa/program.hpp"
#include "tileloom/target/vta/tuning/compile.hpp"
#include "tileloom/workload/workload.hpp"

namespace tileloom::driver {

struct VtaProgram {
  target::vta::Program program;
  target::vta::CompiledOperator compiled;
  std::string embedding;  ///< in words
};

/// Compiles the workload's operator, the only one. `weights` are the values of its second input; if
/// there are none, the weights are a tensor of the host too. Infeasible operators are a mistake
/// with the reason.
Result<VtaProgram> compile_vta(const Operator& op, const Workload& workload,
                               const target::vta::Config& config,
                               const target::vta::CompileOptions& options, bool fixed_strategy,
                               const std::vector<std::int8_t>& weights);

}  // namespace tileloom::driver
