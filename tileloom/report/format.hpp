#pragma once
// Numbers and names as people read them.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tileloom/support/quantity.hpp"

namespace tileloom::report {

/// Counts below 10,000 in full, larger ones with four digits and a prefix: "9999", "12.35 k",
/// "118.0 M".
std::string format_count(double count);
/// Four digits and a unit from pJ to J: "0.5000 pJ", "12.35 uJ".
std::string format_energy(Picojoules energy);
/// Bytes with a binary prefix: "96 B", "1.5 KiB"; bits where they are no whole byte: "3 bit".
std::string format_bits(double bits);
/// A share in [0, 1] with one decimal: "37.1 %". A share that is not 0 never reads as "0.0 %".
std::string format_percent(double share);
/// A factor with two digits: "2.1x", "13x".
std::string format_factor(double factor);
/// A relative distance (0.37 = 37 % more): "0", "37.0 %", from 10 on as a factor: "17x".
std::string format_gap(double gap);
/// Four digits and a unit from ns to s: "296.0 ns".
std::string format_seconds(double seconds);
/// A whole number with thousands separated: "1,234,567".
std::string format_exact(std::int64_t number);

/// A user's text made safe for one line of a terminal: control characters and bytes that are no
/// UTF-8 become '?', so that a name cannot send escape sequences.
std::string printable(std::string_view text);
/// Terminal columns that printable text takes: one per character, two for wide East Asian ones,
/// none for combining marks.
std::size_t display_width(std::string_view text);
/// At most `width` columns; the middle of longer texts becomes "~", for the ends of layer names
/// tell them apart.
std::string shorten(std::string_view text, std::size_t width);
/// Lines of at most `width` columns, broken at spaces where possible.
std::vector<std::string> wrap(std::string_view text, std::size_t width);

}  // namespace tileloom::report
