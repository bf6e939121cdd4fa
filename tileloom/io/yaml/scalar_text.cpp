#include "tileloom/io/yaml/scalar_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

namespace tileloom::yaml {
namespace {

bool is_word(const std::string& text) {
  // Words that YAML reads as something else.
  constexpr std::array<std::string_view, 8> reserved{"null", "true", "false", "yes",
                                                     "no",   "on",   "off",   "~"};
  if (text.empty() || std::find(reserved.begin(), reserved.end(), text) != reserved.end())
    return false;
  if (!((text[0] >= 'a' && text[0] <= 'z') || (text[0] >= 'A' && text[0] <= 'Z'))) return false;
  return std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '.' || c == '/';
  });
}

}  // namespace

std::string scalar_text(const std::string& text) {
  if (is_word(text)) return text;
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      quoted += '\\';
      quoted += c;
    } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
      quoted += fmt::format("\\x{:02x}", static_cast<unsigned>(static_cast<unsigned char>(c)));
    } else {
      quoted += c;
    }
  }
  return quoted + "\"";
}

}  // namespace tileloom::yaml
