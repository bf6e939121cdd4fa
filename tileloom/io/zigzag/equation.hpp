#pragma once
// A layer's equation as ZigZag writes it: O[b][k][oy][ox]+=W[k][c][fy][fx]*I[b][c][iy][ix].

#include <optional>
#include <string>
#include <vector>

namespace tileloom::io::zigzag {

struct EquationOperand {
  std::string name;
  std::vector<std::string> indices;  ///< as written, lower case
  bool operator==(const EquationOperand&) const = default;
};

/// The operands from left to right, the output first; absent if the text is not of that form.
std::optional<std::vector<EquationOperand>> parse_equation(const std::string& text);

}  // namespace tileloom::io::zigzag
