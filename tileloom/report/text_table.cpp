#include "tileloom/report/text_table.hpp"

#include <algorithm>
#include <numeric>

#include "tileloom/report/format.hpp"

namespace tileloom::report {
namespace {

constexpr std::size_t kColumnGap = 2;

struct Layout {
  std::vector<std::size_t> shown;   ///< columns, in order
  std::vector<std::size_t> widths;  ///< by column, shown or not
};

std::size_t total_width(const Layout& layout) {
  std::size_t total = layout.shown.empty() ? 0 : kColumnGap * (layout.shown.size() - 1);
  for (const std::size_t column : layout.shown) total += layout.widths[column];
  return total;
}

/// Shortens what may be shortened, widest first, until the table fits or nothing is left to cut.
void shrink(const TextTable& table, std::size_t width, Layout& layout) {
  std::size_t total = total_width(layout);
  while (total > width) {
    std::size_t widest = table.columns.size();
    for (const std::size_t column : layout.shown) {
      const std::size_t least = table.columns[column].least;
      if (least == 0 || layout.widths[column] <= least) continue;
      if (widest == table.columns.size() || layout.widths[column] > layout.widths[widest]) {
        widest = column;
      }
    }
    if (widest == table.columns.size()) return;
    --layout.widths[widest];
    --total;
  }
}

Layout lay_out(const TextTable& table, std::size_t width) {
  Layout full;
  full.shown.resize(table.columns.size());
  std::iota(full.shown.begin(), full.shown.end(), std::size_t{0});
  for (std::size_t c = 0; c < table.columns.size(); ++c) {
    std::size_t widest = display_width(table.columns[c].title);
    for (const auto& row : table.rows) widest = std::max(widest, display_width(row[c]));
    full.widths.push_back(widest);
  }
  if (width == 0) return full;
  while (true) {
    Layout layout = full;
    shrink(table, width, layout);
    if (total_width(layout) <= width) return layout;
    const auto drop = std::ranges::max_element(
        full.shown, {}, [&](std::size_t column) { return table.columns[column].dispensable; });
    if (table.columns[*drop].dispensable == 0) return layout;
    full.shown.erase(drop);
  }
}

std::string line(const TextTable& table, const Layout& layout,
                 const std::vector<std::string>& cells) {
  std::string text;
  for (const std::size_t column : layout.shown) {
    const std::string cell = shorten(cells[column], layout.widths[column]);
    const std::string fill(layout.widths[column] - display_width(cell), ' ');
    if (!text.empty() || column != layout.shown.front()) text.append(kColumnGap, ' ');
    text += table.columns[column].align == Align::left ? cell + fill : fill + cell;
  }
  text.erase(text.find_last_not_of(' ') + 1);
  return text;
}

}  // namespace

std::string render(const TextTable& table, std::size_t width, bool colour) {
  const Layout layout = lay_out(table, width);
  const std::string rule = std::string(total_width(layout), '-') + "\n";
  std::vector<std::string> titles;
  for (const Column& column : table.columns) titles.push_back(column.title);
  std::string text = line(table, layout, titles);
  if (colour) text = "\x1b[1m" + text + "\x1b[0m";
  text += "\n" + rule;
  for (std::size_t r = 0; r < table.rows.size(); ++r) {
    if (table.footer > 0 && r + table.footer == table.rows.size()) text += rule;
    text += line(table, layout, table.rows[r]) + "\n";
  }
  return text;
}

}  // namespace tileloom::report
