#pragma once
// The machines that operators are embedded into, by name.

#include <optional>
#include <string>
#include <vector>

#include "tileloom/embedding/instruction.hpp"
#include "tileloom/target/vta/isa/config.hpp"

namespace tileloom::target {

/// A tensor instruction and, where programs can be made for it, the machine around it.
struct Target {
  Instruction instruction;
  std::optional<vta::Config> vta;  ///< programs are images for this machine
};

/// A target and one sentence about it.
struct TargetEntry {
  std::string name;
  std::string about;
};
std::vector<TargetEntry> targets();

/// "vta", "vta:4x16x16", "vta:1x16x16,inp=16KiB,wgt=64KiB,acc=64KiB,uop=8KiB" (what is left out is
/// as in `usual`), or "gemm:8x8x64": a matrix unit of any rows x columns x sums, without a machine.
/// Nothing if the name before the colon is none of these; every mistake behind it is reported.
std::optional<Result<Target>> find_target(const std::string& words, const vta::Config& usual = {});

/// The machine of a target that programs are made for.
Result<vta::Config> vta_machine(const std::string& words, const vta::Config& usual = {});

}  // namespace tileloom::target
