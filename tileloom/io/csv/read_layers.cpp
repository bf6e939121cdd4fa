#include "tileloom/io/csv/read_layers.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <optional>
#include <set>
#include <tuple>

#include "tileloom/io/csv/fields.hpp"
#include "tileloom/support/checked.hpp"
#include "tileloom/support/file.hpp"
#include "tileloom/support/nearest.hpp"

namespace tileloom {
namespace {

const std::vector<std::string>& required_columns() {
  static const std::vector<std::string> names = {"R", "S", "P", "Q", "C", "K", "N"};
  return names;
}
const std::vector<std::string>& optional_columns() {
  static const std::vector<std::string> names = {"Wstride",
                                                 "Hstride",
                                                 "Wdilation",
                                                 "Hdilation",
                                                 "Wpadding",
                                                 "Hpadding",
                                                 "groups",
                                                 "suite",
                                                 "name",
                                                 "names",
                                                 "macs",
                                                 "multiplicity",
                                                 "Wdilation_field",
                                                 "Hdilation_field",
                                                 "in_evaluation_list"};
  return names;
}

/// Reads the table line by line.
class LayerTable {
 public:
  explicit LayerTable(const std::string& file) : file_(file) {}

  Result<std::vector<TableLayer>> read(const std::string& text) {
    std::size_t start = 0;
    while (start < text.size()) {
      const std::size_t end = std::min(text.find('\n', start), text.size());
      ++line_;
      const std::string content = text.substr(start, end - start);
      start = end + 1;
      if (content.find_first_not_of(" \t\r") == std::string::npos) continue;
      if (header_.empty()) {
        read_header(split_fields(content));
        if (!mistakes_.empty()) break;
      } else {
        read_row(split_fields(content));
      }
    }
    if (header_.empty() && mistakes_.empty()) {
      line_ = 0;
      report(0, "the file is empty", "expected a table of layers with columns R,S,P,Q,C,K,N");
    } else if (layers_.empty() && mistakes_.empty()) {
      line_ = 0;
      report(0, "the table has no layers", "add one line per layer below the column names");
    }
    if (mistakes_.empty()) return std::move(layers_);
    std::ranges::stable_sort(mistakes_, {}, [](const Diagnostic& mistake) {
      return std::tuple(mistake.where.line, mistake.where.column);
    });
    return tl::unexpected(std::move(mistakes_));
  }

 private:
  void report(int column, std::string what, std::string hint) {
    mistakes_.push_back({{file_, line_, column}, std::move(what), std::move(hint)});
  }

  void read_header(const std::vector<Field>& fields) {
    std::vector<std::string> known = required_columns();
    known.insert(known.end(), optional_columns().begin(), optional_columns().end());
    for (std::size_t i = 0; i < fields.size(); ++i) {
      const std::string& name = fields[i].text;
      if (std::ranges::find(known, name) == known.end()) {
        report(fields[i].column, fmt::format("unknown column '{}'", name.substr(0, 40)),
               suggestion(name, known));
      } else if (!header_.emplace(name, i).second) {
        report(fields[i].column, fmt::format("column '{}' occurs twice", name), "remove one");
      }
    }
    for (const std::string& name : required_columns()) {
      if (!header_.contains(name)) {
        report(1, fmt::format("no column '{}'", name), "the columns R,S,P,Q,C,K,N are required");
      }
    }
    columns_ = fields.size();
  }

  /// The field of a column, absent if the table has no such column.
  const Field* field(const std::vector<Field>& row, const std::string& name) const {
    const auto found = header_.find(name);
    return found == header_.end() ? nullptr : &row[found->second];
  }

  std::int64_t number(const std::vector<Field>& row, const std::string& name, std::int64_t fallback,
                      std::int64_t least) {
    const Field* cell = field(row, name);
    if (cell == nullptr) return fallback;
    const char* end = cell->text.data() + cell->text.size();
    std::int64_t value = 0;
    const auto [stop, error] = std::from_chars(cell->text.data(), end, value);
    if (error == std::errc::result_out_of_range) {
      report(cell->column, fmt::format("{} is '{}', too large", name, cell->text.substr(0, 40)),
             "it must fit into 64 bits");
    } else if (error != std::errc{} || stop != end) {
      report(cell->column,
             fmt::format("{} is '{}', not a whole number", name, cell->text.substr(0, 40)),
             "write digits only, such as 16");
    } else if (value < least) {
      report(cell->column, fmt::format("{} is {}", name, value),
             fmt::format("it must be at least {}", least));
    } else {
      return value;
    }
    return fallback;
  }

  ConvAxis axis(const std::vector<Field>& row, const char* output, const char* filter,
                const std::string& prefix) {
    ConvAxis axis;
    axis.output = number(row, output, 1, 1);
    axis.filter = number(row, filter, 1, 1);
    axis.stride = number(row, prefix + "stride", 1, 1);
    axis.dilation = number(row, prefix + "dilation", 1, 1);
    axis.pad_before = axis.pad_after = number(row, prefix + "padding", 0, 0);
    return axis;
  }

  void read_row(const std::vector<Field>& row) {
    if (row.size() != columns_) {
      report(1, fmt::format("{} fields, but there are {} columns", row.size(), columns_),
             "separate the fields by commas; a name may not contain one");
      return;
    }
    const std::size_t before = mistakes_.size();
    TableLayer layer;
    layer.shape.batch = number(row, "N", 1, 1);
    layer.shape.in_channels = number(row, "C", 1, 1);
    layer.shape.out_channels = number(row, "K", 1, 1);
    layer.shape.groups = number(row, "groups", 1, 1);
    layer.shape.axes = {axis(row, "P", "R", "W"), axis(row, "Q", "S", "H")};
    layer.multiplicity = number(row, "multiplicity", 1, 1);
    const std::int64_t macs_given = number(row, "macs", 0, 0);
    if (mistakes_.size() > before) return;
    if (layer.shape.in_channels % layer.shape.groups != 0 ||
        layer.shape.out_channels % layer.shape.groups != 0) {
      report(1,
             fmt::format("{} groups do not divide C = {} and K = {}", layer.shape.groups,
                         layer.shape.in_channels, layer.shape.out_channels),
             "C and K count the channels of all groups");
      return;
    }
    check_sizes(row, layer.shape, macs_given);
    if (mistakes_.size() > before) return;
    layer.name = unique_name(row);
    layers_.push_back(std::move(layer));
  }

  void check_sizes(const std::vector<Field>& row, const ConvShape& shape, std::int64_t macs_given) {
    try {
      const Workload workload = one_conv("layer", shape, {});
      Diagnostics found = check(workload, {file_, line_, 1});
      mistakes_.insert(mistakes_.end(), found.begin(), found.end());
      const std::int64_t product = macs(workload);
      const Field* cell = field(row, "macs");
      if (cell != nullptr && product != macs_given) {
        report(cell->column,
               fmt::format("macs is {}, but the sizes multiply to {}", macs_given, product),
               "correct one of them");
      }
    } catch (const OverflowError&) {
      report(1, "the sizes of this layer do not fit into 64 bits", "use smaller sizes");
    }
  }

  std::string unique_name(const std::vector<Field>& row) {
    const Field* suite = field(row, "suite");
    const Field* given = field(row, "name") != nullptr ? field(row, "name") : field(row, "names");
    std::string name = fmt::format("line{}", line_);
    if (given != nullptr && !given->text.empty()) {
      name = given->text.substr(0, given->text.find(' '));
    }
    if (suite != nullptr && !suite->text.empty()) name = suite->text + "_" + name;
    if (!names_.insert(name).second) {
      name += fmt::format("_line{}", line_);
      names_.insert(name);
    }
    return name;
  }

  const std::string& file_;
  int line_ = 0;
  std::map<std::string, std::size_t> header_;
  std::size_t columns_ = 0;
  std::vector<TableLayer> layers_;
  std::set<std::string> names_;
  Diagnostics mistakes_;
};

}  // namespace

Result<std::vector<TableLayer>> parse_layers(const std::string& text, const std::string& file) {
  return LayerTable(file).read(text);
}

Result<std::vector<TableLayer>> read_layers(const std::string& path) {
  const Result<std::string> text = read_file(path);
  if (!text) return tl::unexpected(text.error());
  return parse_layers(*text, path);
}

}  // namespace tileloom
