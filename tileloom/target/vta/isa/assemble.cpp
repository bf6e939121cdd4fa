#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <optional>
#include <string_view>

#include "tileloom/support/nearest.hpp"
#include "tileloom/target/vta/isa/assembly.hpp"

namespace tileloom::target::vta {
namespace {

/// A piece of a line between blanks and the column (from 1) at which it begins.
struct Word {
  std::string text;
  int column = 1;
};

std::vector<Word> words_in(std::string_view line) {
  std::vector<Word> words;
  line = line.substr(0, line.find('#'));
  for (std::size_t i = 0; i < line.size();) {
    const std::size_t begin = line.find_first_not_of(" \t\r", i);
    if (begin == std::string_view::npos) break;
    const std::size_t end = std::min(line.find_first_of(" \t\r", begin), line.size());
    words.push_back({std::string(line.substr(begin, end - begin)), static_cast<int>(begin) + 1});
    i = end;
  }
  return words;
}

/// An integer in decimal or 0x… form that is the whole of `text`.
std::optional<std::int64_t> number(const std::string& text) {
  if (text.empty() || text.find_first_of(" +") == 0) return std::nullopt;
  char* end = nullptr;
  errno = 0;
  const long long value = std::strtoll(text.c_str(), &end, 0);
  if (*end != '\0' || errno != 0) return std::nullopt;
  return value;
}

/// Reads one line. Unknown or unreadable words become mistakes; what is read is kept.
class LineReader {
 public:
  LineReader(const std::string& file, int line, Diagnostics& mistakes)
      : file_(file), line_(line), mistakes_(mistakes) {}

  std::optional<Instruction> read(const std::vector<Word>& words) {
    Instruction instruction;
    if (!begin(words[0], instruction)) return std::nullopt;
    for (std::size_t i = 1; i < words.size(); ++i) field(words[i], instruction);
    return instruction;
  }

 private:
  void mistake(const Word& word, std::string what, std::string hint) {
    mistakes_.push_back({{file_, line_, word.column}, std::move(what), std::move(hint)});
  }

  bool begin(const Word& word, Instruction& instruction) {
    if (word.text == "load") {
      instruction.operation = Load{};
    } else if (word.text == "store") {
      instruction.operation = Store{};
    } else if (word.text == "gemm") {
      instruction.operation = Gemm{};
    } else if (word.text == "alu") {
      instruction.operation = Alu{};
    } else if (word.text == "finish") {
      instruction.operation = Finish{};
    } else {
      const std::array<std::string, 5> known{"load", "store", "gemm", "alu", "finish"};
      mistake(word, fmt::format("unknown instruction '{}'", word.text),
              suggestion(word.text, known));
      return false;
    }
    return true;
  }

  void field(const Word& word, Instruction& instruction) {
    Tokens& tokens = instruction.tokens;
    if (word.text == "pop_prev") {
      tokens.pop_previous = true;
    } else if (word.text == "pop_next") {
      tokens.pop_next = true;
    } else if (word.text == "push_prev") {
      tokens.push_previous = true;
    } else if (word.text == "push_next") {
      tokens.push_next = true;
    } else {
      const bool known =
          std::visit([&](auto& operation) { return set(word, operation); }, instruction.operation);
      if (!known) {
        mistake(word, fmt::format("'{}' is no field of this instruction", word.text),
                "the fields of every instruction stand in target/vta/isa/assembly.hpp");
      }
    }
  }

  /// The numbers after "name=", separated by `separator`, if the word has that name.
  template <std::size_t N>
  bool numbers(const Word& word, std::string_view name, std::string_view separator,
               const std::array<std::int64_t*, N>& targets) {
    if (word.text.size() <= name.size() || word.text.compare(0, name.size(), name) != 0 ||
        word.text[name.size()] != '=') {
      return false;
    }
    std::string rest = word.text.substr(name.size() + 1);
    for (std::size_t i = 0; i < N; ++i) {
      const std::size_t cut = i + 1 < N ? rest.find(separator) : std::string::npos;
      const bool separated = i + 1 == N || cut != std::string::npos;
      const std::optional<std::int64_t> value = number(rest.substr(0, cut));
      if (!value || !separated) {
        mistake(word, fmt::format("cannot read '{}'", word.text),
                N == 1 ? fmt::format("write {}=NUMBER", name)
                       : fmt::format("write {} numbers separated by '{}'", N, separator));
        return true;
      }
      *targets[i] = *value;
      if (cut != std::string::npos) rest = rest.substr(cut + separator.size());
    }
    return true;
  }

  bool set_move(const Word& word, Move& m) {
    for (int i = 0; i < kMemories; ++i) {
      if (word.text != to_string(static_cast<Memory>(i))) continue;
      m.memory = static_cast<Memory>(i);
      return true;
    }
    return numbers<1>(word, "sram", "", {&m.sram_base}) ||
           numbers<1>(word, "dram", "", {&m.dram_base}) || numbers<1>(word, "y", "", {&m.y_size}) ||
           numbers<1>(word, "x", "", {&m.x_size}) ||
           numbers<1>(word, "stride", "", {&m.x_stride}) ||
           numbers<4>(word, "pad", ",", {&m.y_pad_0, &m.y_pad_1, &m.x_pad_0, &m.x_pad_1});
  }

  bool set_loops(const Word& word, LoopNest& loops) {
    return numbers<2>(word, "uop", "..", {&loops.micro_op_begin, &loops.micro_op_end}) ||
           numbers<2>(word, "iter", "x", {&loops.iter_outer, &loops.iter_inner});
  }

  bool set_factors(const Word& word, std::string_view name, Factors& factors) {
    return numbers<2>(word, name, "/", {&factors.outer, &factors.inner});
  }

  bool set(const Word& word, Load& load) { return set_move(word, load); }
  bool set(const Word& word, Store& store) { return set_move(word, store); }
  bool set(const Word& word, Gemm& gemm) {
    if (word.text == "reset") return gemm.reset = true;
    return set_loops(word, gemm.loops) || set_factors(word, "dst", gemm.destination) ||
           set_factors(word, "src", gemm.source) || set_factors(word, "wgt", gemm.weight);
  }
  bool set(const Word& word, Alu& alu) {
    for (int i = 0; i <= static_cast<int>(AluOp::multiply); ++i) {
      if (word.text != to_string(static_cast<AluOp>(i))) continue;
      alu.op = static_cast<AluOp>(i);
      return true;
    }
    if (word.text == "reset") return alu.reset = true;
    if (word.text == "use_imm") return alu.use_immediate = true;
    return numbers<1>(word, "imm", "", {&alu.immediate}) || set_loops(word, alu.loops) ||
           set_factors(word, "dst", alu.destination) || set_factors(word, "src", alu.source);
  }
  bool set(const Word&, Finish&) { return false; }

  const std::string& file_;
  int line_;
  Diagnostics& mistakes_;
};

}  // namespace

Result<std::vector<Instruction>> assemble(const std::string& text, const std::string& file,
                                          const Config& config) {
  std::vector<Instruction> program;
  Diagnostics mistakes;
  int line = 0;
  for (std::size_t at = 0; at < text.size(); ++line) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    const std::vector<Word> words = words_in(std::string_view(text).substr(at, end - at));
    at = end + 1;
    if (words.empty()) continue;
    const std::size_t before = mistakes.size();
    const auto instruction = LineReader(file, line + 1, mistakes).read(words);
    if (!instruction || mistakes.size() > before) continue;
    for (const std::string& why : violations(config, *instruction)) {
      mistakes.push_back({{file, line + 1, words[0].column}, why, "see the instruction set"});
    }
    program.push_back(*instruction);
  }
  if (!mistakes.empty()) return tl::unexpected(mistakes);
  return program;
}

}  // namespace tileloom::target::vta
