#include "tileloom/io/csv/table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <string_view>
#include <utility>

#include "tileloom/support/nearest.hpp"

namespace tileloom {
namespace {

/// What spreadsheets put before the first column's name.
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

}  // namespace

void CsvTable::read(const std::string& text, const std::string& fields_hint,
                    const std::function<void()>& on_header,
                    const std::function<void(const CsvRow&)>& on_row) {
  std::size_t start = text.starts_with(kByteOrderMark) ? kByteOrderMark.size() : 0;
  while (start < text.size()) {
    const std::size_t end = std::min(text.find('\n', start), text.size());
    ++line_;
    const std::string content = text.substr(start, end - start);
    start = end + 1;
    if (content.find_first_not_of(" \t\r") == std::string::npos) continue;
    if (std::ranges::count(content, '"') % 2 != 0) {
      report(static_cast<int>(content.rfind('"')) + 1, "the quote is never closed",
             "close it on its own line, or leave it out");
      if (header_.empty()) return;
      continue;
    }
    const CsvRow row = split_fields(content);
    if (header_.empty()) {
      read_header(row);
      on_header();
      if (!mistakes_.empty()) return;
    } else if (row.size() != columns_) {
      report(1, fmt::format("{} fields, but there are {} columns", row.size(), columns_),
             fields_hint);
    } else {
      on_row(row);
    }
  }
}

void CsvTable::read_header(const CsvRow& fields) {
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const std::string& name = fields[i].text;
    if (std::ranges::find(known_, name) == known_.end()) {
      report(fields[i].column, fmt::format("unknown column '{}'", name.substr(0, 40)),
             suggestion(name, known_));
    } else if (!header_.emplace(name, i).second) {
      report(fields[i].column, fmt::format("column '{}' occurs twice", name), "remove one");
    }
  }
  columns_ = fields.size();
}

void CsvTable::require(const std::vector<std::string>& names, const std::string& hint) {
  for (const std::string& name : names) {
    if (!has(name)) report(1, fmt::format("no column '{}'", name), hint);
  }
}

const Field* CsvTable::field(const CsvRow& row, const std::string& name) const {
  const auto found = header_.find(name);
  return found == header_.end() ? nullptr : &row[found->second];
}

std::int64_t CsvTable::number(const CsvRow& row, const std::string& name, std::int64_t fallback,
                              std::int64_t least, std::int64_t most) {
  const Field* cell = field(row, name);
  if (cell == nullptr) return fallback;
  const char* end = cell->text.data() + cell->text.size();
  std::int64_t value = 0;
  const auto [stop, error] = std::from_chars(cell->text.data(), end, value);
  const std::string shown = cell->text.substr(0, 40);
  if (error == std::errc::result_out_of_range) {
    report(cell->column, fmt::format("{} is '{}', too large", name, shown),
           "it must fit into 64 bits");
  } else if (error != std::errc{} || stop != end) {
    report(cell->column, fmt::format("{} is '{}', not a whole number", name, shown),
           "write digits only, such as 16");
  } else if (value < least) {
    report(cell->column, fmt::format("{} is {}", name, value),
           fmt::format("it must be at least {}", least));
  } else if (value > most) {
    report(cell->column, fmt::format("{} is {}", name, value),
           fmt::format("it must be at most {}", most));
  } else {
    return value;
  }
  return fallback;
}

void CsvTable::report(int column, std::string what, std::string hint) {
  mistakes_.push_back({{file_, line_, column}, std::move(what), std::move(hint)});
}

void CsvTable::report_file(std::string what, std::string hint) {
  mistakes_.push_back({{file_, 0, 0}, std::move(what), std::move(hint)});
}

void CsvTable::report(const Diagnostics& mistakes) {
  mistakes_.insert(mistakes_.end(), mistakes.begin(), mistakes.end());
}

Diagnostics CsvTable::take_mistakes() {
  std::ranges::stable_sort(mistakes_, {}, [](const Diagnostic& mistake) {
    return std::pair(mistake.where.line, mistake.where.column);
  });
  return std::move(mistakes_);
}

std::string CsvTable::unique(std::string name) {
  if (!names_.insert(name).second) {
    name += fmt::format("_line{}", line_);
    names_.insert(name);
  }
  return name;
}

}  // namespace tileloom
