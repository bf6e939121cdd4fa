#include "tileloom/support/diagnostic.hpp"

#include <fmt/format.h>

namespace tileloom {

std::string to_string(const Diagnostic& diagnostic) {
  std::string text = diagnostic.where.file;
  if (diagnostic.where.line > 0) text += fmt::format(":{}", diagnostic.where.line);
  if (diagnostic.where.column > 0) text += fmt::format(":{}", diagnostic.where.column);
  if (!text.empty()) text += ": ";
  text += diagnostic.what;
  if (!diagnostic.hint.empty()) text += ": " + diagnostic.hint;
  return text;
}

std::string to_string(const Diagnostics& diagnostics) {
  std::string text;
  for (const Diagnostic& diagnostic : diagnostics) text += to_string(diagnostic) + "\n";
  return text;
}

tl::unexpected<Diagnostics> mistake(Where where, std::string what, std::string hint) {
  return tl::unexpected(Diagnostics{{std::move(where), std::move(what), std::move(hint)}});
}

}  // namespace tileloom
