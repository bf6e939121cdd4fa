#include "tileloom/io/csv/read_layers.hpp"

#include <fmt/format.h>


#include "tileloom/io/csv/table.hpp"
#include "tileloom/support/checked.hpp"
#include "tileloom/support/file.hpp"

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

std::vector<std::string> layer_columns() {
  std::vector<std::string> known = required_columns();
  known.insert(known.end(), optional_columns().begin(), optional_columns().end());
  return known;
}

/// The rows of a table as layers.
class LayerRows {
 public:
  explicit LayerRows(const std::string& file) : file_(file), table_(file, layer_columns()) {}

  Result<std::vector<TableLayer>> read(const std::string& text) {
    table_.read(
        text, "separate the fields by commas; a name may not contain one",
        [&] { table_.require(required_columns(), "the columns R,S,P,Q,C,K,N are required"); },
        [&](const CsvRow& row) { read_row(row); });
    if (table_.mistakes() == 0 && !table_.has_header()) {
      table_.report_file("the file is empty",
                         "expected a table of layers with columns R,S,P,Q,C,K,N");
    } else if (table_.mistakes() == 0 && layers_.empty()) {
      table_.report_file("the table has no layers",
                         "add one line per layer below the column names");
    }
    if (table_.mistakes() == 0) return std::move(layers_);
    return tl::unexpected(table_.take_mistakes());
  }

 private:
  ConvAxis axis(const CsvRow& row, const char* output, const char* filter,
                const std::string& prefix) {
    ConvAxis axis;
    axis.output = table_.number(row, output, 1, 1);
    axis.filter = table_.number(row, filter, 1, 1);
    axis.stride = table_.number(row, prefix + "stride", 1, 1);
    axis.dilation = table_.number(row, prefix + "dilation", 1, 1);
    axis.pad_before = axis.pad_after = table_.number(row, prefix + "padding", 0, 0);
    return axis;
  }

  void read_row(const CsvRow& row) {
    const std::size_t before = table_.mistakes();
    TableLayer layer;
    layer.shape.batch = table_.number(row, "N", 1, 1);
    layer.shape.in_channels = table_.number(row, "C", 1, 1);
    layer.shape.out_channels = table_.number(row, "K", 1, 1);
    layer.shape.groups = table_.number(row, "groups", 1, 1);
    layer.shape.axes = {axis(row, "P", "R", "W"), axis(row, "Q", "S", "H")};
    layer.multiplicity = table_.number(row, "multiplicity", 1, 1);
    const std::int64_t macs_given = table_.number(row, "macs", 0, 0);
    if (table_.mistakes() > before) return;
    if (layer.shape.in_channels % layer.shape.groups != 0 ||
        layer.shape.out_channels % layer.shape.groups != 0) {
      table_.report(1,
                    fmt::format("{} groups do not divide C = {} and K = {}", layer.shape.groups,
                                layer.shape.in_channels, layer.shape.out_channels),
                    "C and K count the channels of all groups");
      return;
    }
    check_sizes(row, layer.shape, macs_given);
    if (table_.mistakes() > before) return;
    layer.name = unique_name(row);
    layers_.push_back(std::move(layer));
  }

  void check_sizes(const CsvRow& row, const ConvShape& shape, std::int64_t macs_given) {
    try {
      const Workload workload = one_conv("layer", shape, {});
      table_.report(check(workload, {file_, table_.line(), 1}));
      const std::int64_t product = macs(workload);
      const Field* cell = table_.field(row, "macs");
      if (cell != nullptr && product != macs_given) {
        table_.report(cell->column,
                      fmt::format("macs is {}, but the sizes multiply to {}", macs_given, product),
                      "correct one of them");
      }
    } catch (const OverflowError&) {
      table_.report(1, "the sizes of this layer do not fit into 64 bits", "use smaller sizes");
    }
  }

  std::string unique_name(const CsvRow& row) {
    const Field* suite = table_.field(row, "suite");
    const Field* given = table_.field(row, "name") != nullptr ? table_.field(row, "name")
                                                              : table_.field(row, "names");
    std::string name = fmt::format("line{}", table_.line());
    if (given != nullptr && !given->text.empty()) {
      name = given->text.substr(0, given->text.find(' '));
    }
    if (suite != nullptr && !suite->text.empty()) name = suite->text + "_" + name;
    return table_.unique(std::move(name));
  }

  const std::string& file_;
  CsvTable table_;
  std::vector<TableLayer> layers_;
};

}  // namespace

Result<std::vector<TableLayer>> parse_layers(const std::string& text, const std::string& file) {
  return LayerRows(file).read(text);
}

Result<std::vector<TableLayer>> read_layers(const std::string& path) {
  const Result<std::string> text = read_file(path);
  if (!text) return tl::unexpected(text.error());
  return parse_layers(*text, path);
}

}  // namespace tileloom
