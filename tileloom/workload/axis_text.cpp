#include "tileloom/workload/axis_text.hpp"

#include <fmt/format.h>

namespace tileloom {

std::string axis_text(const Operator& op, const Axis& axis) {
  std::string text;
  for (const Term& term : axis.terms) {
    if (!text.empty()) text += " + ";
    if (term.coefficient != 1) text += fmt::format("{}*", term.coefficient);
    text += op.rank(term.rank).name;
  }
  if (text.empty()) return fmt::format("{}", axis.offset);
  if (axis.offset > 0) text += fmt::format(" + {}", axis.offset);
  if (axis.offset < 0) text += fmt::format(" - {}", -axis.offset);
  return text;
}

}  // namespace tileloom
