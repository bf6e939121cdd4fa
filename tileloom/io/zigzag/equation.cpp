#include "tileloom/io/zigzag/equation.hpp"

#include <cctype>

namespace tileloom::io::zigzag {
namespace {

bool is_letter(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0; }

std::string take_word(const std::string& text, std::size_t& i) {
  const std::size_t begin = i;
  while (i < text.size() && is_letter(text[i])) ++i;
  return text.substr(begin, i - begin);
}

/// NAME[index][index]…
std::optional<EquationOperand> take_operand(const std::string& text, std::size_t& i) {
  EquationOperand operand{take_word(text, i), {}};
  while (i < text.size() && text[i] == '[') {
    operand.indices.push_back(take_word(text, ++i));
    if (operand.indices.back().empty() || i >= text.size() || text[i] != ']') return std::nullopt;
    ++i;
  }
  if (operand.name.empty() || operand.indices.empty()) return std::nullopt;
  return operand;
}

}  // namespace

std::optional<std::vector<EquationOperand>> parse_equation(const std::string& spaced) {
  std::string text;
  for (const char c : spaced)
    if (c != ' ') text.push_back(c);
  std::vector<EquationOperand> operands;
  for (std::size_t i = 0;;) {
    std::optional<EquationOperand> operand = take_operand(text, i);
    if (!operand) return std::nullopt;
    operands.push_back(std::move(*operand));
    if (i == text.size()) break;
    const bool after_output = operands.size() == 1;
    if (after_output && text.compare(i, 2, "+=") == 0) {
      i += 2;
    } else if (after_output ? text[i] == '=' : (text[i] == '*' || text[i] == '+')) {
      ++i;
    } else {
      return std::nullopt;
    }
  }
  if (operands.size() != 3) return std::nullopt;
  return operands;
}

}  // namespace tileloom::io::zigzag
