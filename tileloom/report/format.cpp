#include "tileloom/report/format.hpp"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <cstdlib>

namespace tileloom::report {
namespace {

/// Four significant digits: 1.234, 12.34, 123.4, 1234.
std::string four_digits(double value) {
  const double magnitude = std::fabs(value);
  if (magnitude < 9.9995) return fmt::format("{:.3f}", value);
  if (magnitude < 99.995) return fmt::format("{:.2f}", value);
  if (magnitude < 999.95) return fmt::format("{:.1f}", value);
  return fmt::format("{:.0f}", value);
}

/// A character of UTF-8 text.
struct Character {
  char32_t code = 0;
  std::size_t bytes = 1;
  bool valid = false;
};

Character decode(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(0);
  if (lead < 0x80) return {lead, 1, true};
  const std::size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || text.size() < length) return {};
  char32_t code = static_cast<char32_t>(lead & (0x7F >> length));
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return {};
    code = (code << 6) | static_cast<char32_t>(byte(i) & 0x3F);
  }
  constexpr std::array<char32_t, 5> kLeast{0, 0, 0x80, 0x800, 0x10000};
  const bool surrogate = code >= 0xD800 && code <= 0xDFFF;
  if (code < kLeast[length] || code > 0x10FFFF || surrogate) return {};
  return {code, length, true};
}

/// C0 and C1 controls, and the marks that reorder or hide text.
bool is_control(char32_t code) {
  return code < 0x20 || (code >= 0x7F && code < 0xA0) || (code >= 0x200B && code <= 0x200F) ||
         (code >= 0x2028 && code <= 0x202E) || (code >= 0x2060 && code <= 0x206F) || code == 0xFEFF;
}

std::size_t character_width(char32_t code) {
  if (code >= 0x0300 && code <= 0x036F) return 0;
  const bool wide = (code >= 0x1100 && code <= 0x115F) || (code >= 0x2E80 && code <= 0xA4CF) ||
                    (code >= 0xAC00 && code <= 0xD7A3) || (code >= 0xF900 && code <= 0xFAFF) ||
                    (code >= 0xFE30 && code <= 0xFE6F) || (code >= 0xFF00 && code <= 0xFF60) ||
                    (code >= 0x1F300 && code <= 0x1FAFF) || (code >= 0x20000 && code <= 0x3FFFD);
  return wide ? 2 : 1;
}

/// Bytes of the longest beginning of `text` that takes at most `width` columns.
std::size_t prefix_bytes(std::string_view text, std::size_t width) {
  std::size_t bytes = 0;
  std::size_t used = 0;
  while (bytes < text.size()) {
    const Character next = decode(text.substr(bytes));
    used += next.valid ? character_width(next.code) : 1;
    if (used > width) break;
    bytes += next.bytes;
  }
  return bytes;
}

}  // namespace

std::string format_count(double count) {
  if (std::fabs(count) < 9999.5) {
    return count == std::floor(count) ? fmt::format("{:.0f}", count) : four_digits(count);
  }
  constexpr std::array<const char*, 6> kPrefixes{"k", "M", "G", "T", "P", "E"};
  double scaled = count / 1e3;
  std::size_t prefix = 0;
  while (std::fabs(scaled) >= 999.95 && prefix + 1 < kPrefixes.size()) {
    scaled /= 1e3;
    ++prefix;
  }
  return four_digits(scaled) + " " + kPrefixes[prefix];
}

std::string format_energy(Picojoules energy) {
  constexpr std::array<const char*, 5> kUnits{"pJ", "nJ", "uJ", "mJ", "J"};
  double scaled = energy.value;
  if (scaled == 0) return "0 pJ";
  std::size_t unit = 0;
  while (std::fabs(scaled) >= 999.95 && unit + 1 < kUnits.size()) {
    scaled /= 1e3;
    ++unit;
  }
  return four_digits(scaled) + " " + kUnits[unit];
}

std::string format_bits(double bits) {
  if (bits == 0) return "0 B";
  if (bits < 8 || (bits < 8192 && std::fmod(bits, 8) != 0)) return fmt::format("{:.4g} bit", bits);
  constexpr std::array<const char*, 6> kUnits{"B", "KiB", "MiB", "GiB", "TiB", "PiB"};
  double scaled = bits / 8;
  std::size_t unit = 0;
  while (scaled >= 1023.95 && unit + 1 < kUnits.size()) {
    scaled /= 1024;
    ++unit;
  }
  if (scaled == std::floor(scaled)) return fmt::format("{:.0f} {}", scaled, kUnits[unit]);
  return fmt::format("{:.1f} {}", scaled, kUnits[unit]);
}

std::string format_percent(double share) {
  const double percent = 100 * share;
  if (percent > 0 && percent < 0.05) return "<0.1 %";
  if (percent < 100 && percent >= 99.95) return "99.9 %";
  return fmt::format("{:.1f} %", percent);
}

std::string format_factor(double factor) {
  if (factor < 9.95) return fmt::format("{:.{}f}x", factor, factor < 1.095 ? 2 : 1);
  return factor < 1e6 ? fmt::format("{:.0f}x", factor) : format_count(factor) + "x";
}

std::string format_gap(double gap) {
  if (gap == 0) return "0";
  return gap < 10 ? format_percent(gap) : format_factor(gap + 1);
}

std::string format_seconds(double seconds) {
  constexpr std::array<const char*, 4> kUnits{"ns", "us", "ms", "s"};
  double scaled = seconds * 1e9;
  std::size_t unit = 0;
  while (scaled >= 999.95 && unit + 1 < kUnits.size()) {
    scaled /= 1e3;
    ++unit;
  }
  return four_digits(scaled) + " " + kUnits[unit];
}

std::string format_exact(std::int64_t number) {
  std::string digits = fmt::format("{}", number);
  const std::size_t first = number < 0 ? 1 : 0;
  for (std::size_t at = digits.size(); at > first + 3; at -= 3) digits.insert(at - 3, 1, ',');
  return digits;
}

std::string printable(std::string_view text) {
  std::string clean;
  for (std::size_t i = 0; i < text.size();) {
    const Character next = decode(text.substr(i));
    if (next.valid && !is_control(next.code)) {
      clean += text.substr(i, next.bytes);
    } else {
      clean += '?';
    }
    i += next.bytes;
  }
  return clean;
}

std::size_t display_width(std::string_view text) {
  std::size_t width = 0;
  for (std::size_t i = 0; i < text.size();) {
    const Character next = decode(text.substr(i));
    width += next.valid ? character_width(next.code) : 1;
    i += next.bytes;
  }
  return width;
}

std::string shorten(std::string_view text, std::size_t width) {
  const std::size_t full = display_width(text);
  if (full <= width) return std::string(text);
  if (width == 0) return {};
  const std::size_t head = (width - 1) / 3;
  const std::size_t tail = width - 1 - head;
  std::size_t cut = prefix_bytes(text, full - tail);
  while (cut < text.size() && display_width(text.substr(cut)) > tail) {
    cut += decode(text.substr(cut)).bytes;
  }
  return std::string(text.substr(0, prefix_bytes(text, head))) + "~" +
         std::string(text.substr(cut));
}

std::vector<std::string> wrap(std::string_view text, std::size_t width) {
  std::vector<std::string> lines;
  while (width > 0 && display_width(text) > width) {
    const std::size_t most = prefix_bytes(text, width);
    if (most == 0) break;
    std::size_t cut = text.substr(0, most + 1).rfind(' ');
    const bool at_space = cut != std::string_view::npos && cut > 0;
    if (!at_space) cut = most;
    lines.emplace_back(text.substr(0, cut));
    text.remove_prefix(at_space ? cut + 1 : cut);
  }
  lines.emplace_back(text);
  return lines;
}

}  // namespace tileloom::report
