#include "tileloom/report/markup.hpp"

#include <array>

#include "tileloom/report/format.hpp"

namespace tileloom::report {

std::string escaped(const std::string& text) {
  std::string safe;
  for (const char c : printable(text)) {
    switch (c) {
      case '&':
        safe += "&amp;";
        break;
      case '<':
        safe += "&lt;";
        break;
      case '>':
        safe += "&gt;";
        break;
      case '"':
        safe += "&quot;";
        break;
      default:
        safe += c;
    }
  }
  return safe;
}

const char* series_colour(std::size_t number) {
  static constexpr std::array<const char*, kSeriesColours> kColours = {
      "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9"};
  return kColours[number % kColours.size()];
}

}  // namespace tileloom::report
