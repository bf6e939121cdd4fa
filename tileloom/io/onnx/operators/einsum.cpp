// Einsum: one rank per letter; letters that the output does not have are summed.

#include <fmt/format.h>

#include <map>

#include "tileloom/io/onnx/operators/families.hpp"

namespace tileloom::onnx_import {
namespace {

struct Equation {
  std::vector<std::string> inputs;
  std::string output;
  bool implicit = false;  ///< there was no arrow
};

/// "ij, jk -> ik" without spaces; without an arrow the output has the letters that occur once, in
/// alphabetical order.
Equation equation_of(const NodeScope& scope) {
  std::string text;
  for (const char c : scope.text("equation", "")) {
    if (c != ' ') text += c;
  }
  const std::size_t arrow = text.find("->");
  Equation equation;
  std::string term;
  for (const char c : text.substr(0, arrow) + ",") {
    if (c != ',') {
      term += c;
    } else {
      equation.inputs.push_back(std::move(term));
      term.clear();
    }
  }
  if (arrow != std::string::npos) {
    equation.output = text.substr(arrow + 2);
  } else {
    std::map<char, int> count;
    for (const std::string& letters : equation.inputs) {
      for (const char c : letters) ++count[c];
    }
    for (const auto& [c, n] : count) {
      if (n == 1 && c != '.') equation.output += c;
    }
    equation.implicit = true;
  }
  if (equation.inputs.size() != scope.inputs()) {
    scope.mistake(fmt::format("equation '{}' has {} terms for {} inputs", text,
                              equation.inputs.size(), scope.inputs()));
  }
  return equation;
}

/// Dimensions that an ellipsis stands for become letters of their own: digits, aligned at the end.
void spell_out(const NodeScope& scope, Equation& equation) {
  constexpr std::size_t kDots = 3;
  const auto replace = [](std::string& letters, const std::string& digits) {
    const std::size_t at = letters.find("...");
    if (at != std::string::npos) letters.replace(at, kDots, digits);
  };
  static const std::string kDigits = "0123456789";
  std::size_t most = 0;
  for (std::size_t i = 0; i < equation.inputs.size(); ++i) {
    std::string& letters = equation.inputs[i];
    if (letters.find("...") == std::string::npos) continue;
    const std::size_t rank = scope.shape(i).size() + kDots;
    if (rank < letters.size() || rank - letters.size() > kDigits.size()) {
      scope.mistake(fmt::format("term '{}' does not fit {}", letters, to_text(scope.shape(i))));
    }
    const std::size_t count = rank - letters.size();
    most = std::max(most, count);
    replace(letters, kDigits.substr(kDigits.size() - count));
  }
  if (equation.implicit) equation.output = kDigits.substr(kDigits.size() - most) + equation.output;
  replace(equation.output, kDigits.substr(kDigits.size() - most));
}

void einsum(NodeScope& scope) {
  Equation equation = equation_of(scope);
  spell_out(scope, equation);
  if (equation.inputs.size() > 2) scope.unsupported("an equation of more than two inputs");
  std::map<char, std::int64_t> sizes;
  std::string order = equation.output;
  for (std::size_t i = 0; i < equation.inputs.size(); ++i) {
    const std::string& letters = equation.inputs[i];
    const Shape& shape = scope.shape(i);
    if (letters.size() != shape.size()) {
      scope.mistake(fmt::format("input {} is {}, its term '{}' has {} letters", i, to_text(shape),
                                letters, letters.size()));
    }
    for (std::size_t d = 0; d < letters.size(); ++d) {
      if (letters.find(letters[d]) != d) scope.unsupported("an equation with a diagonal");
      if (order.find(letters[d]) == std::string::npos) order += letters[d];
      const auto [entry, added] = sizes.emplace(letters[d], shape[d]);
      if (!added && entry->second != shape[d] && entry->second != 1 && shape[d] != 1) {
        scope.mistake(fmt::format("letter '{}' is {} and {}", letters[d], entry->second, shape[d]));
      }
      entry->second = std::max(entry->second, shape[d]);
    }
  }
  Ranks ranks;
  std::map<char, RankId> rank;
  for (const char c : order) {
    if (!sizes.contains(c)) scope.mistake(fmt::format("letter '{}' is in no input", c));
    if (rank.contains(c)) scope.mistake(fmt::format("the output has letter '{}' twice", c));
    rank[c] = ranks.add(std::string(1, c), sizes[c]);
  }
  std::vector<Operand> inputs;
  for (std::size_t i = 0; i < equation.inputs.size(); ++i) {
    std::vector<Axis> axes;
    for (std::size_t d = 0; d < equation.inputs[i].size(); ++d) {
      const char c = equation.inputs[i][d];
      const std::int64_t own = scope.shape(i)[d];
      axes.push_back(own == sizes[c] ? axis(rank[c], own) : single());
    }
    inputs.push_back(i == 1 ? scope.read_weight(i, std::move(axes))
                            : scope.read(i, std::move(axes)));
  }
  Shape shape;
  std::vector<Axis> target;
  for (const char c : equation.output) {
    shape.push_back(sizes[c]);
    target.push_back(axis(rank[c], sizes[c]));
  }
  const bool sums = order.size() > equation.output.size();
  const TensorId out = scope.make(0, shape);
  scope.emit("", ranks, std::move(inputs), scope.write(out, std::move(target)),
             equation.inputs.size() == 1 ? PointFunction::copy : PointFunction::multiply,
             sums ? Reduction::sum : Reduction::none);
}

}  // namespace

void add_einsum_rules(Registry& rules) { rules["Einsum"] = einsum; }

}  // namespace tileloom::onnx_import
