#pragma once
// How long a program takes: load, compute and store units with their dependency queues, the shared
// read port, the write channel and instruction fetch. Cycle-approximate; see README.md.

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "tileloom/support/quantity.hpp"
#include "tileloom/target/vta/isa/image.hpp"
#include "tileloom/target/vta/isa/timing_options.hpp"
#include "tileloom/target/vta/simulator/token_queues.hpp"

namespace tileloom::target::vta {

/// Why an instruction did not begin when its unit became free.
enum class Wait : std::uint8_t { none, fetch, token };

/// One instruction on its unit.
struct Activity {
  std::size_t instruction = 0;
  Unit unit = Unit::compute;
  Cycles ready{};  ///< the unit was free
  Cycles begin{};
  Cycles end{};
  Wait wait = Wait::none;                ///< what it waited for last, from `ready` to `begin`
  std::optional<TokenQueue> wait_queue;  ///< for Wait::token
};

struct Timing {
  Cycles total{};
  std::array<Cycles, kUnits> busy{};  ///< by Unit
  Cycles read_port{};                 ///< cycles in which the read port moves data
  std::vector<Activity> activities;   ///< in the order in which they ended
};

/// Cycles that instruction takes alone, without waiting for tokens or for other readers.
Cycles duration(const Config& config, const Instruction& instruction,
                const TimingOptions& options = {});

/// Times a program that order() finds free of deadlock. Micro-op contents do not matter.
Timing time(const Config& config, const std::vector<Instruction>& program,
            const TimingOptions& options = {});

}  // namespace tileloom::target::vta
