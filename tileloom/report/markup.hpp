#pragma once
#include <cstddef>
#include <string>

namespace tileloom::report {

/// The text as it may stand in HTML and SVG, in attributes too; unprintable bytes are replaced.
std::string escaped(const std::string& text);

/// Colours that people with any kind of colour vision tell apart (Okabe & Ito 2008); after so many
/// they begin again.
inline constexpr std::size_t kSeriesColours = 6;
const char* series_colour(std::size_t number);

}  // namespace tileloom::report
