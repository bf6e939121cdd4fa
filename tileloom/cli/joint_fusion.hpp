#pragma once
// explore-fusion --joint: stacks with a tile and a mode of their own.

#include <string>

#include "tileloom/scheduler/defines/joint.hpp"

namespace tileloom::cli {

/// The best schedules for energy, latency and their product, stack by stack.
std::string joint_table(const scheduler::defines::JointSpace& space,
                        const scheduler::defines::JointResult& found);

/// {"schema": "tileloom.joint/1", "proof", "front": [{energy_pJ, latency_cycles, "stacks"}, …]}.
std::string joint_json(const scheduler::defines::JointSpace& space,
                       const scheduler::defines::JointResult& found);

}  // namespace tileloom::cli
