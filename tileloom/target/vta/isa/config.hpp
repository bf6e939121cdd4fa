#pragma once
// The parameters of one VTA and what follows from them. All sizes are powers of two.

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "tileloom/support/diagnostic.hpp"

namespace tileloom::target::vta {

/// The memories an instruction can name, with their numbers in the encoding.
enum class Memory : std::uint8_t {
  micro_op = 0,
  weight = 1,
  input = 2,
  accumulator = 3,
  output = 4,
  accumulator8 = 5  ///< ACC filled from 8-bit elements: the published simulator only
};
inline constexpr int kMemories = 6;
/// "uop", "wgt", "inp", "acc", "out", "acc8".
std::string to_string(Memory memory);

/// Base-2 logarithms under the names of VTA's own configuration. Buffer sizes are in bytes. The
/// GEMM core computes C[BATCH × BLOCK_OUT] += A[BATCH × BLOCK_IN] · W[BLOCK_OUT × BLOCK_IN]ᵀ.
struct Config {
  int log_inp_width = 3;
  int log_wgt_width = 3;
  int log_acc_width = 5;
  int log_batch = 0;
  int log_block_in = 4;
  int log_block_out = 4;
  int log_uop_buff_size = 15;
  int log_inp_buff_size = 15;
  int log_wgt_buff_size = 18;
  int log_acc_buff_size = 17;
  /// Entries at the end of the input, weight and accumulator memories that a program leaves to
  /// others: `depth` is smaller by them.
  std::array<std::int64_t, 3> reserved{};
  bool operator==(const Config&) const = default;

  std::int64_t batch() const { return std::int64_t{1} << log_batch; }
  std::int64_t block_in() const { return std::int64_t{1} << log_block_in; }
  std::int64_t block_out() const { return std::int64_t{1} << log_block_out; }
};

/// A buffer whose size is a parameter, by the name of its memory.
struct Buffer {
  const char* name;
  int Config::*log_size;
};
inline constexpr std::array<Buffer, 4> kBuffers{{{"inp", &Config::log_inp_buff_size},
                                                 {"wgt", &Config::log_wgt_buff_size},
                                                 {"acc", &Config::log_acc_buff_size},
                                                 {"uop", &Config::log_uop_buff_size}}};

/// Bytes of one element of `memory` in DRAM, which is one SRAM entry (but for accumulator8, whose
/// entry is four times as large).
std::int64_t element_bytes(const Config& config, Memory memory);

/// log2 of the number of entries: the width of an index. OUT and ACC have the same entries.
int index_bits(const Config& config, Memory memory);

/// Entries of the scratchpad.
std::int64_t depth(const Config& config, Memory memory);

/// Why this machine cannot exist: a memory without entries, an instruction or micro-op whose fields
/// do not fit, or data types that VTA does not have. Empty if it can.
std::vector<std::string> unsupported(const Config& config);

/// "1x16x16": BATCH x BLOCK_IN x BLOCK_OUT.
std::string shape_text(const Config& config);

/// Small shapes have more entries in a buffer than an instruction can address: the buffer with the
/// most entries is halved until it can.
Config with_addressable_buffers(Config config);

/// The default configuration with another GEMM shape, written as shape_text writes it, and
/// addressable buffers. They may be too small: see `unsupported`.
Result<Config> parse_shape(const std::string& shape);

/// The same; a mistake if the buffers are too small for the shape.
Result<Config> config_of_shape(const std::string& shape);

}  // namespace tileloom::target::vta
