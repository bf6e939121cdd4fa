#pragma once
// What reports say of a fused stack, worked out once.

#include <string>
#include <vector>

#include "tileloom/scheduler/fused_schedule.hpp"

namespace tileloom::report {

/// One operator of a stack.
struct StackLayer {
  OperatorId op{};
  /// Lengths along the axes of the output: of the run that occurs most often, and of the whole.
  std::vector<std::int64_t> tile, whole;
  /// The same of its first input: what that run reads, halo included.
  std::vector<std::int64_t> window, input;
  std::int64_t runs = 0;
  double recomputed = 0;  ///< points computed again, as a share of those computed once
  Cycles latency{};       ///< of all runs
  Picojoules energy{};    ///< of all runs, without copies between Stores of the stack
};

/// What moves the energy: the operators' own accesses, or copies between the Stores that tiles and
/// halos live in.
enum class Phase : std::uint8_t { compute, copy };
std::string to_string(Phase phase);

/// Energy of one role's tensors in one memory in one phase.
struct PhaseEnergy {
  MemoryId memory{};
  Role role = Role::input;
  Phase phase = Phase::compute;
  Picojoules energy{};
};

/// The fullest moment of a memory while an operator runs.
struct StackMoment {
  OperatorId op{};
  MemoryId memory{};
  std::int64_t bits = 0;
  std::vector<std::pair<TensorId, std::int64_t>> occupants;  ///< tensor, bits
};

/// Latency and energy of the operators one by one.
struct AloneCost {
  Cycles latency{};
  Picojoules energy{};
};
AloneCost alone(const scheduler::FusedSchedule& schedule, const scheduler::StackPart& part);

struct StackDetail {
  std::vector<StackLayer> layers;
  std::vector<PhaseEnergy> energies;  ///< by memory, role and phase, outermost memory first
  Picojoules arithmetic{};            ///< of all points
  std::vector<StackMoment> moments;   ///< by operator and memory
};
/// The detail of a fused part.
StackDetail detail_of(const Workload& workload, const Architecture& arch,
                      const scheduler::StackPart& part);

/// Per part of the schedule; absent for operators on their own.
using StackDetails = std::vector<std::optional<StackDetail>>;
StackDetails details_of(const Workload& workload, const Architecture& arch,
                        const scheduler::FusedSchedule& schedule);

/// Points computed again, as a share of those computed once; 0 for an operator on its own.
double recompute_share(const Workload& workload, const scheduler::StackPart& part);

}  // namespace tileloom::report
