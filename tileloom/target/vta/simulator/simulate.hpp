#pragma once
// What a program computes, and whether real hardware would compute the same.

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "tileloom/target/vta/isa/image.hpp"

namespace tileloom::target::vta {

/// Exit codes of a checking simulator.
enum class RunStatus : std::uint8_t {
  ok = 0,
  mismatch = 1,   ///< memory differs from what the image expects
  invalid = 2,    ///< the image or the program
  unordered = 3,  ///< deadlock, or FINISH before the last load or store
  failed = 4      ///< something found only while running
};
/// "ok", "mismatch", ...
std::string to_string(RunStatus status);

struct SimulateOptions {
  /// The unit tried first in every round of scheduling. The result must not depend on it.
  Unit start = Unit::compute;
  bool races = true;  ///< look for unordered accesses and the other differences between simulators
};

/// Instructions by opcode.
struct InstructionCounts {
  std::int64_t load = 0;
  std::int64_t store = 0;
  std::int64_t gemm = 0;
  std::int64_t alu = 0;
  std::int64_t finish = 0;
  bool operator==(const InstructionCounts&) const = default;
};

/// Work done. Bytes are those of DRAM, without zero padding.
struct Profile {
  std::array<std::int64_t, kMemories> loaded_bytes{};  ///< by Memory
  std::int64_t stored_bytes = 0;
  std::int64_t gemm_steps = 0;  ///< without resets
  std::int64_t reset_steps = 0;
  std::int64_t alu_steps = 0;
  bool operator==(const Profile&) const = default;
};

/// An Expectation and the bytes that differ from it.
struct Comparison {
  std::string region;
  std::int64_t bytes = 0;
  std::int64_t mismatches = 0;
  std::int64_t first = -1;  ///< offset of the first that differs, or -1
  bool operator==(const Comparison&) const = default;
};

struct RunReport {
  RunStatus status = RunStatus::ok;
  std::vector<std::string> errors;
  std::vector<std::string> warnings;
  /// Two units touch an entry, or bytes of DRAM, without an order between them.
  bool races = false;
  InstructionCounts instructions;
  Profile profile;
  /// GEMM steps that add to an accumulator which one of the three steps before them in the same
  /// instruction added to: right on simulator and RTL, wrong on bitstreams from HLS.
  std::int64_t close_reuse = 0;
  std::vector<Comparison> comparisons;
};

struct RunResult {
  RunReport report;
  std::vector<std::string> regions;  ///< content of every region after the run; empty if not run
};

RunResult simulate(const Image& image, const SimulateOptions& options = {});

/// The bytes of an output file after the run.
std::string output_bytes(const Image& image, const RunResult& result, const OutputFile& output);

}  // namespace tileloom::target::vta
