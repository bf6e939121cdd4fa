#pragma once
// How long a program takes: load, compute and store units with their dependency queues, the shared
// read port, the write channel and instruction fetch. Cycle-approximate; see README.md.

#include <array>
#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

#include "tileloom/support/quantity.hpp"
#include "tileloom/target/vta/isa/image.hpp"
#include "tileloom/target/vta/simulator/token_queues.hpp"

namespace tileloom::target::vta {

/// Figures of the Pynq-like default, read from the RTL. All in cycles unless said otherwise.
struct TimingOptions {
  std::int64_t port_bytes = 8;      ///< of the memory port per cycle [bytes]
  std::int64_t read_latency = 25;   ///< from a read command to its first word
  std::int64_t burst_bytes = 2048;  ///< longest burst: 256 beats; every row begins a new one [bytes]
  std::int64_t burst_gap = 1;       ///< lost per read burst
  std::int64_t write_burst = 6;     ///< command and acknowledge of a write burst: 2 + 4
  std::int64_t pipeline = 7;        ///< of a GEMM or ALU: dispatch, start, 4 stages, done
  std::int64_t sync = 2;            ///< an instruction that only handles tokens, and FINISH
  std::int64_t micro_op_write = 2;  ///< from the last word of a micro-op load to its end
  std::int64_t token = 1;           ///< from the end of the pushing instruction to the pop
  std::int64_t first_dispatch = 4;  ///< when the first instruction reaches its unit
  std::int64_t fetch_instructions = 128;  ///< read in one burst, then handed out one per cycle
  /// Timing ends at the first moment from here on, with the program unfinished.
  std::int64_t give_up = std::numeric_limits<std::int64_t>::max();
};

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
