#include "tileloom/target/vta/isa/config.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>

#include "tileloom/target/vta/isa/encode.hpp"

namespace tileloom::target::vta {
namespace {

/// log2 of the bits of an element.
int log_element_bits(const Config& c, Memory memory) {
  switch (memory) {
    case Memory::micro_op:
      return 5;
    case Memory::weight:
      return c.log_wgt_width + c.log_block_out + c.log_block_in;
    case Memory::input:
      return c.log_inp_width + c.log_batch + c.log_block_in;
    case Memory::accumulator:
      return c.log_acc_width + c.log_batch + c.log_block_out;
    case Memory::output:
    case Memory::accumulator8:
      return c.log_inp_width + c.log_batch + c.log_block_out;
  }
  return 0;
}

int log_buffer_bytes(const Config& c, Memory memory) {
  switch (memory) {
    case Memory::micro_op:
      return c.log_uop_buff_size;
    case Memory::weight:
      return c.log_wgt_buff_size;
    case Memory::input:
      return c.log_inp_buff_size;
    case Memory::accumulator:
    case Memory::accumulator8:
      return c.log_acc_buff_size;
    case Memory::output:
      return c.log_acc_buff_size + c.log_inp_width - c.log_acc_width;
  }
  return 0;
}

void check_memories(const Config& c, std::vector<std::string>& reasons) {
  for (Memory memory : {Memory::micro_op, Memory::weight, Memory::input, Memory::accumulator}) {
    if (index_bits(c, memory) < 1) {
      reasons.push_back(fmt::format("the {} buffer of {} bytes has no two entries of {} bytes",
                                    to_string(memory),
                                    std::int64_t{1} << std::max(0, log_buffer_bytes(c, memory)),
                                    element_bytes(c, memory)));
    }
  }
}

void check_widths(const Config& c, std::vector<std::string>& reasons) {
  const FieldWidths w = field_widths(c);
  const auto fits = [&](const char* what, int bits, int room) {
    if (bits > room) {
      reasons.push_back(fmt::format("{} needs {} bits and has {}: use smaller buffers", what, bits,
                                    room));
    }
  };
  fits("the loop part of a GEMM instruction", 8 + 2 * w.micro_op + 1 + 28, 64);
  fits("the address part of a GEMM instruction", 2 * (w.accumulator + w.input + w.weight), 64);
  fits("the address part of an ALU instruction", 4 * w.accumulator + 20, 64);
  fits("a micro-op", w.accumulator + std::max(w.accumulator, w.input) + w.weight, 32);
}

}  // namespace

std::string to_string(Memory memory) {
  static constexpr std::array<const char*, kMemories> names{"uop", "wgt", "inp",
                                                            "acc", "out", "acc8"};
  return names[static_cast<std::size_t>(memory)];
}

std::int64_t element_bytes(const Config& config, Memory memory) {
  return std::int64_t{1} << std::max(0, log_element_bits(config, memory) - 3);
}

int index_bits(const Config& config, Memory memory) {
  if (memory == Memory::output || memory == Memory::accumulator8) {
    return index_bits(config, Memory::accumulator);
  }
  return log_buffer_bytes(config, memory) + 3 - log_element_bits(config, memory);
}

std::int64_t depth(const Config& config, Memory memory) {
  const std::int64_t all = std::int64_t{1} << std::max(0, index_bits(config, memory));
  switch (memory) {
    case Memory::input:
      return all - config.reserved[0];
    case Memory::weight:
      return all - config.reserved[1];
    case Memory::accumulator:
    case Memory::accumulator8:
    case Memory::output:
      return all - config.reserved[2];
    case Memory::micro_op:
      break;
  }
  return all;
}

std::vector<std::string> unsupported(const Config& config) {
  std::vector<std::string> reasons;
  if (config.log_inp_width != 3 || config.log_wgt_width != 3 || config.log_acc_width != 5) {
    reasons.emplace_back("activations and weights must have 8 bits and accumulators 32");
  }
  const auto within = [&](const char* name, int value, int most) {
    if (value >= 0 && value <= most) return;
    reasons.push_back(fmt::format("{} is {}, must lie in 0..{}", name, value, most));
  };
  within("LOG_BATCH", config.log_batch, 8);
  within("LOG_BLOCK_IN", config.log_block_in, 8);
  within("LOG_BLOCK_OUT", config.log_block_out, 8);
  within("LOG_UOP_BUFF_SIZE", config.log_uop_buff_size, 28);
  within("LOG_INP_BUFF_SIZE", config.log_inp_buff_size, 28);
  within("LOG_WGT_BUFF_SIZE", config.log_wgt_buff_size, 28);
  within("LOG_ACC_BUFF_SIZE", config.log_acc_buff_size, 28);
  if (!reasons.empty()) return reasons;
  check_memories(config, reasons);
  if (reasons.empty()) check_widths(config, reasons);
  return reasons;
}

std::string shape_text(const Config& config) {
  return fmt::format("{}x{}x{}", config.batch(), config.block_in(), config.block_out());
}

Config with_addressable_buffers(Config c) {
  constexpr int kAluBits = 64 - 20;
  const auto too_wide = [&c] {
    std::vector<std::string> reasons;
    check_widths(c, reasons);
    return !reasons.empty();
  };
  while (4 * index_bits(c, Memory::accumulator) > kAluBits) --c.log_acc_buff_size;
  while (too_wide()) {
    const int acc = index_bits(c, Memory::accumulator);
    const int inp = index_bits(c, Memory::input);
    const int wgt = index_bits(c, Memory::weight);
    int Config::*largest = &Config::log_acc_buff_size;
    if (inp > acc) largest = &Config::log_inp_buff_size;
    if (wgt > std::max(acc, inp)) largest = &Config::log_wgt_buff_size;
    --(c.*largest);
  }
  return c;
}

Result<Config> parse_shape(const std::string& shape) {
  std::array<std::int64_t, 3> sizes{};
  const char* at = shape.data();
  const char* const end = at + shape.size();
  bool good = true;
  for (std::size_t i = 0; i < 3 && good; ++i) {
    const auto [after, error] = std::from_chars(at, end, sizes[i]);
    const bool separated = i == 2 ? after == end : after != end && *after == 'x';
    good = error == std::errc() && separated && sizes[i] >= 1 && sizes[i] <= 256 &&
           std::has_single_bit(static_cast<std::uint64_t>(sizes[i]));
    at = after + (i < 2);
  }
  if (!good) {
    return mistake({}, fmt::format("'{}' is no shape of a GEMM core", shape),
                   "write BATCHxBLOCK_INxBLOCK_OUT in powers of two up to 256, as 1x16x16");
  }
  const auto log2 = [](std::int64_t size) {
    return std::countr_zero(static_cast<std::uint64_t>(size));
  };
  Config config;
  config.log_batch = log2(sizes[0]);
  config.log_block_in = log2(sizes[1]);
  config.log_block_out = log2(sizes[2]);
  return with_addressable_buffers(config);
}

Result<Config> config_of_shape(const std::string& shape) {
  Result<Config> config = parse_shape(shape);
  if (!config) return config;
  Diagnostics mistakes;
  for (const std::string& reason : unsupported(*config)) {
    mistakes.push_back({{},
                        fmt::format("shape {}: {}", shape, reason),
                        "use a smaller shape, or larger buffers: vta:SHAPE,inp=SIZE,acc=SIZE"});
  }
  if (!mistakes.empty()) return tl::unexpected(mistakes);
  return config;
}

}  // namespace tileloom::target::vta
