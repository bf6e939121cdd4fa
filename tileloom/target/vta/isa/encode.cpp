#include "tileloom/target/vta/isa/encode.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <type_traits>

#include "tileloom/support/little_endian.hpp"

namespace tileloom::target::vta {
namespace {

enum class Opcode : std::uint8_t { load = 0, store = 1, gemm = 2, finish = 3, alu = 4 };

constexpr std::uint64_t mask(int bits) {
  return bits >= 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << bits) - 1;
}

/// Puts fields into a 64-bit word from bit 0 upward.
class Packer {
 public:
  void put(std::int64_t value, int bits) {
    word_ |= (static_cast<std::uint64_t>(value) & mask(bits)) << at_;
    at_ += bits;
  }
  std::uint64_t word() const { return word_; }

 private:
  std::uint64_t word_ = 0;
  int at_ = 0;
};

/// Takes fields out of a 64-bit word from bit 0 upward.
class Unpacker {
 public:
  explicit Unpacker(std::uint64_t word) : word_(word) {}
  std::int64_t take(int bits) {
    const std::uint64_t value = word_ & mask(bits);
    word_ = bits >= 64 ? 0 : word_ >> bits;
    return static_cast<std::int64_t>(value);
  }
  bool flag() { return take(1) != 0; }
  /// The bits that no field has claimed.
  std::uint64_t rest() const { return word_; }

 private:
  std::uint64_t word_;
};

void put_head(Packer& low, Opcode opcode, const Tokens& tokens) {
  low.put(static_cast<int>(opcode), 3);
  low.put(tokens.pop_previous, 1);
  low.put(tokens.pop_next, 1);
  low.put(tokens.push_previous, 1);
  low.put(tokens.push_next, 1);
}

Word128 encode_move(Opcode opcode, const Tokens& tokens, const Move& move) {
  Packer low, high;
  put_head(low, opcode, tokens);
  low.put(static_cast<int>(move.memory), 3);
  low.put(move.sram_base, 16);
  low.put(move.dram_base, 32);
  for (std::int64_t size : {move.y_size, move.x_size, move.x_stride}) high.put(size, 16);
  for (std::int64_t pad : {move.y_pad_0, move.y_pad_1, move.x_pad_0, move.x_pad_1})
    high.put(pad, 4);
  return {low.word(), high.word()};
}

template <class LoadOrStore>
tl::expected<Instruction, std::string> decode_move(const Tokens& tokens, Unpacker low,
                                                   Unpacker high) {
  Move move;
  const std::int64_t memory = low.take(3);
  if (memory >= kMemories) return tl::unexpected(fmt::format("unknown memory id {}", memory));
  move.memory = static_cast<Memory>(memory);
  move.sram_base = low.take(16);
  move.dram_base = low.take(32);
  if (low.rest() != 0) return tl::unexpected(std::string("fill bits are not 0"));
  move.y_size = high.take(16);
  move.x_size = high.take(16);
  move.x_stride = high.take(16);
  move.y_pad_0 = high.take(4);
  move.y_pad_1 = high.take(4);
  move.x_pad_0 = high.take(4);
  move.x_pad_1 = high.take(4);
  return Instruction{tokens, LoadOrStore{move}};
}

void put_loops(Packer& low, const FieldWidths& w, bool reset, const LoopNest& loops) {
  low.put(reset, 1);
  low.put(loops.micro_op_begin, w.micro_op);
  low.put(loops.micro_op_end, w.micro_op + 1);
  low.put(loops.iter_outer, 14);
  low.put(loops.iter_inner, 14);
}

LoopNest take_loops(Unpacker& low, const FieldWidths& w) {
  LoopNest loops;
  loops.micro_op_begin = low.take(w.micro_op);
  loops.micro_op_end = low.take(w.micro_op + 1);
  loops.iter_outer = low.take(14);
  loops.iter_inner = low.take(14);
  return loops;
}

void put(Packer& high, const Factors& factors, int bits) {
  high.put(factors.outer, bits);
  high.put(factors.inner, bits);
}

Factors take_factors(Unpacker& high, int bits) {
  Factors factors;
  factors.outer = high.take(bits);
  factors.inner = high.take(bits);
  return factors;
}

Word128 encode_gemm(const FieldWidths& w, const Tokens& tokens, const Gemm& gemm) {
  Packer low, high;
  put_head(low, Opcode::gemm, tokens);
  put_loops(low, w, gemm.reset, gemm.loops);
  put(high, gemm.destination, w.accumulator);
  put(high, gemm.source, w.input);
  put(high, gemm.weight, w.weight);
  return {low.word(), high.word()};
}

tl::expected<Instruction, std::string> decode_gemm(const FieldWidths& w, const Tokens& tokens,
                                                   Unpacker low, Unpacker high) {
  Gemm gemm;
  gemm.reset = low.flag();
  gemm.loops = take_loops(low, w);
  gemm.destination = take_factors(high, w.accumulator);
  gemm.source = take_factors(high, w.input);
  gemm.weight = take_factors(high, w.weight);
  if ((low.rest() | high.rest()) != 0) return tl::unexpected(std::string("fill bits are not 0"));
  return Instruction{tokens, gemm};
}

Word128 encode_alu(const FieldWidths& w, const Tokens& tokens, const Alu& alu) {
  Packer low, high;
  put_head(low, Opcode::alu, tokens);
  put_loops(low, w, alu.reset, alu.loops);
  put(high, alu.destination, w.accumulator);
  put(high, alu.source, w.accumulator);
  high.put(static_cast<int>(alu.op), 3);
  high.put(alu.use_immediate, 1);
  high.put(alu.immediate, 16);
  return {low.word(), high.word()};
}

tl::expected<Instruction, std::string> decode_alu(const FieldWidths& w, const Tokens& tokens,
                                                  Unpacker low, Unpacker high) {
  Alu alu;
  alu.reset = low.flag();
  alu.loops = take_loops(low, w);
  alu.destination = take_factors(high, w.accumulator);
  alu.source = take_factors(high, w.accumulator);
  const std::int64_t op = high.take(3);
  if (op > static_cast<int>(AluOp::multiply)) {
    return tl::unexpected(fmt::format("unknown ALU operation {}", op));
  }
  alu.op = static_cast<AluOp>(op);
  alu.use_immediate = high.flag();
  alu.immediate = static_cast<std::int16_t>(high.take(16));
  if ((low.rest() | high.rest()) != 0) return tl::unexpected(std::string("fill bits are not 0"));
  return Instruction{tokens, alu};
}

}  // namespace

FieldWidths field_widths(const Config& config) {
  return {index_bits(config, Memory::micro_op), index_bits(config, Memory::accumulator),
          index_bits(config, Memory::input), index_bits(config, Memory::weight)};
}

Word128 encode(const Config& config, const Instruction& instruction) {
  const FieldWidths w = field_widths(config);
  const Tokens& tokens = instruction.tokens;
  return std::visit(
      [&](const auto& operation) -> Word128 {
        using Operation = std::decay_t<decltype(operation)>;
        if constexpr (std::is_same_v<Operation, Load>) {
          return encode_move(Opcode::load, tokens, operation);
        } else if constexpr (std::is_same_v<Operation, Store>) {
          return encode_move(Opcode::store, tokens, operation);
        } else if constexpr (std::is_same_v<Operation, Gemm>) {
          return encode_gemm(w, tokens, operation);
        } else if constexpr (std::is_same_v<Operation, Alu>) {
          return encode_alu(w, tokens, operation);
        } else {
          Packer low;
          put_head(low, Opcode::finish, tokens);
          return {low.word(), 0};
        }
      },
      instruction.operation);
}

tl::expected<Instruction, std::string> decode(const Config& config, const Word128& word) {
  const FieldWidths w = field_widths(config);
  Unpacker low(word.low);
  const std::int64_t opcode = low.take(3);
  Tokens tokens;
  tokens.pop_previous = low.flag();
  tokens.pop_next = low.flag();
  tokens.push_previous = low.flag();
  tokens.push_next = low.flag();
  if (opcode > static_cast<int>(Opcode::alu)) {
    return tl::unexpected(fmt::format("unknown opcode {}", opcode));
  }
  const Unpacker high(word.high);
  switch (static_cast<Opcode>(opcode)) {
    case Opcode::load:
      return decode_move<Load>(tokens, low, high);
    case Opcode::store:
      return decode_move<Store>(tokens, low, high);
    case Opcode::gemm:
      return decode_gemm(w, tokens, low, high);
    case Opcode::alu:
      return decode_alu(w, tokens, low, high);
    case Opcode::finish:
      break;
  }
  if ((low.rest() | high.rest()) != 0) return tl::unexpected(std::string("fill bits are not 0"));
  return Instruction{tokens, Finish{}};
}

std::uint32_t encode(const Config& config, const MicroOp& micro_op) {
  const FieldWidths w = field_widths(config);
  Packer packer;
  packer.put(micro_op.destination, w.accumulator);
  packer.put(micro_op.source, std::max(w.accumulator, w.input));
  packer.put(micro_op.weight, w.weight);
  return static_cast<std::uint32_t>(packer.word());
}

MicroOp decode_micro_op(const Config& config, std::uint32_t word) {
  const FieldWidths w = field_widths(config);
  Unpacker bits(word);
  MicroOp micro_op;
  micro_op.destination = bits.take(w.accumulator);
  micro_op.source = bits.take(std::max(w.accumulator, w.input));
  micro_op.weight = bits.take(w.weight);
  return micro_op;
}

std::string to_bytes(const std::vector<Word128>& words) {
  std::string bytes;
  bytes.reserve(words.size() * kInstructionBytes);
  for (const Word128& word : words) {
    for (std::uint64_t half : {word.low, word.high}) {
      append_little_endian(bytes, half);
    }
  }
  return bytes;
}

std::vector<Word128> words_of(const std::string& bytes) {
  std::vector<Word128> words(bytes.size() / kInstructionBytes);
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::size_t at = i * kInstructionBytes;
    words[i] = {little_endian<std::uint64_t>(bytes, at), little_endian<std::uint64_t>(bytes, at + 8)};
  }
  return words;
}

}  // namespace tileloom::target::vta
