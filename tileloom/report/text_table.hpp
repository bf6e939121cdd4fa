#pragma once
// Aligned tables for terminals.

#include <cstdint>
#include <string>
#include <vector>

namespace tileloom::report {

enum class Align : std::uint8_t { left, right };

struct Column {
  std::string title;
  Align align = Align::right;
  /// Columns with the highest number are left out first where the terminal is too narrow; 0 = never
  /// left out.
  int dispensable = 0;
  /// May be shortened, down to `least` terminal columns, before any column is left out.
  std::size_t least = 0;  ///< 0 = never shortened
};

struct TextTable {
  std::vector<Column> columns;
  std::vector<std::vector<std::string>> rows;
  std::size_t footer = 0;  ///< so many last rows are set off by a rule
};

/// The table, one line per row, two spaces between columns, no trailing spaces, at most `width`
/// terminal columns (0 = any width) unless what may not be left out or shortened is wider. With
/// `colour` the title is bold.
std::string render(const TextTable& table, std::size_t width, bool colour = false);

}  // namespace tileloom::report
