#pragma once
// The figures of the cycle model.

#include <array>
#include <cstdint>
#include <limits>

#include "tileloom/target/vta/isa/config.hpp"

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
  bool operator==(const TimingOptions&) const = default;
};

/// A figure of the machine under the name that files give it.
struct TimingFigure {
  const char* name;
  std::int64_t TimingOptions::*value;
  std::int64_t least;
};
inline constexpr std::int64_t kMostTimingFigure = 1 << 20;
inline constexpr std::array<TimingFigure, 11> kTimingFigures{{
    {"port_bytes", &TimingOptions::port_bytes, 1},
    {"read_latency", &TimingOptions::read_latency, 0},
    {"burst_bytes", &TimingOptions::burst_bytes, 1},
    {"burst_gap", &TimingOptions::burst_gap, 0},
    {"write_burst", &TimingOptions::write_burst, 0},
    {"pipeline", &TimingOptions::pipeline, 1},
    {"sync", &TimingOptions::sync, 1},
    {"micro_op_write", &TimingOptions::micro_op_write, 0},
    {"token", &TimingOptions::token, 0},
    {"first_dispatch", &TimingOptions::first_dispatch, 0},
    {"fetch_instructions", &TimingOptions::fetch_instructions, 1},
}};

/// A VTA: what its programs are made for, and how long they take.
struct Machine {
  Config config;
  TimingOptions timing;
  bool operator==(const Machine&) const = default;
};

}  // namespace tileloom::target::vta
