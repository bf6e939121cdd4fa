#pragma once
// A table with named columns: what every reader of CSV files does before a row means something.

#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "tileloom/io/csv/fields.hpp"
#include "tileloom/support/diagnostic.hpp"

namespace tileloom {

using CsvRow = std::vector<Field>;

/// Reads a table line by line and collects every mistake with its line and column.
class CsvTable {
 public:
  /// @param known  the columns that may occur
  CsvTable(const std::string& file, std::vector<std::string> known)
      : file_(file), known_(std::move(known)) {}

  /// Lines without content are passed over; the first other one is the header. If its names are
  /// known and occur once, `on_header` may find more mistakes. Without mistakes there, `on_row` is
  /// called for every line of as many fields; `fields_hint` is the remedy for the others.
  void read(const std::string& text, const std::string& fields_hint,
            const std::function<void()>& on_header,
            const std::function<void(const CsvRow&)>& on_row);

  bool has_header() const { return !header_.empty(); }
  bool has(const std::string& name) const { return header_.contains(name); }
  /// Each absent column is a mistake with that remedy.
  void require(const std::vector<std::string>& names, const std::string& hint);
  /// The field of a column, absent if the table has no such column.
  const Field* field(const CsvRow& row, const std::string& name) const;
  /// The whole number in a column, `fallback` without that column. One that is none, or outside
  /// least..most, is a mistake and `fallback`.
  std::int64_t number(const CsvRow& row, const std::string& name, std::int64_t fallback,
                      std::int64_t least,
                      std::int64_t most = std::numeric_limits<std::int64_t>::max());

  /// A mistake in the present line.
  void report(int column, std::string what, std::string hint);
  /// A mistake of the file as a whole.
  void report_file(std::string what, std::string hint);
  void report(const Diagnostics& mistakes);
  std::size_t mistakes() const { return mistakes_.size(); }
  /// All mistakes in the order of their places.
  Diagnostics take_mistakes();

  int line() const { return line_; }
  /// `name`, with the present line behind it if an earlier row has that name.
  std::string unique(std::string name);

 private:
  void read_header(const CsvRow& fields);

  const std::string& file_;
  std::vector<std::string> known_;
  int line_ = 0;
  std::map<std::string, std::size_t> header_;
  std::size_t columns_ = 0;
  std::set<std::string> names_;
  Diagnostics mistakes_;
};

}  // namespace tileloom
