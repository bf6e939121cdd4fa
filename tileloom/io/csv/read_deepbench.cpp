#include "tileloom/io/csv/read_deepbench.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "tileloom/io/csv/table.hpp"
#include "tileloom/support/checked.hpp"
#include "tileloom/support/file.hpp"

namespace tileloom {
namespace {

const std::vector<std::string> kConvColumns = {"W", "H", "C",        "N",       "K",
                                               "S", "R", "stride_w", "stride_h"};
const std::vector<std::string> kProductColumns = {"M", "N", "K"};
const std::vector<std::string> kOtherColumns = {"set",   "idx",         "app",        "pad_w",
                                                "pad_h", "OW",          "OH",         "MACs",
                                                "note",  "a_transpose", "b_transpose"};

std::vector<std::string> deepbench_columns() {
  std::vector<std::string> known = kConvColumns;
  known.push_back("M");
  known.insert(known.end(), kOtherColumns.begin(), kOtherColumns.end());
  return known;
}

/// The rows of a table as layers.
class DeepBenchRows {
 public:
  explicit DeepBenchRows(const std::string& file) : table_(file, deepbench_columns()) {}

  Result<std::vector<DeepBenchLayer>> read(const std::string& text) {
    table_.read(
        text, "separate the fields by commas; put a field with a comma in quotes",
        [&] {
          is_conv_ = !table_.has("M");
          table_.require(is_conv_ ? kConvColumns : kProductColumns,
                         "the columns W,H,C,N,K,S,R,stride_w,stride_h, or M,N,K, are required");
        },
        [&](const CsvRow& row) { read_row(row); });
    if (table_.mistakes() == 0 && layers_.empty()) {
      table_.report_file(table_.has_header() ? "the table has no layers" : "the file is empty",
                         "expected a table with columns W,H,C,N,K,S,R,stride_w,stride_h, or M,N,K");
    }
    if (table_.mistakes() == 0) return std::move(layers_);
    return tl::unexpected(table_.take_mistakes());
  }

 private:
  /// The cell of a figure that follows from the others, if the table states it.
  const Field* stated(const CsvRow& row, const std::string& name) const {
    const Field* cell = table_.field(row, name);
    return cell == nullptr || cell->text.empty() ? nullptr : cell;
  }

  std::int64_t number(const CsvRow& row, const std::string& name, std::int64_t fallback,
                      std::int64_t least) {
    return table_.number(row, name, fallback, least, kMost);
  }

  void read_row(const CsvRow& row) {
    const std::size_t before = table_.mistakes();
    DeepBenchLayer layer;
    if (is_conv_) {
      layer.shape = conv(row);
    } else {
      layer.shape = MatmulShape{
          .m = number(row, "N", 1, 1), .n = number(row, "M", 1, 1), .k = number(row, "K", 1, 1)};
    }
    if (table_.mistakes() > before) return;
    if (const Field* app = table_.field(row, "app")) layer.app = app->text;
    layer.name = unique_name(row);
    check_macs(row, layer);
    if (table_.mistakes() == before) layers_.push_back(std::move(layer));
  }

  ConvShape conv(const CsvRow& row) {
    ConvShape shape;
    shape.batch = number(row, "N", 1, 1);
    shape.in_channels = number(row, "C", 1, 1);
    shape.out_channels = number(row, "K", 1, 1);
    shape.axes = {axis(row, "H", "R", "_h", "OH"), axis(row, "W", "S", "_w", "OW")};
    return shape;
  }

  /// output = ⌊(input + 2·pad − filter) / stride⌋ + 1
  ConvAxis axis(const CsvRow& row, const char* input, const char* filter, const std::string& suffix,
                const char* output) {
    ConvAxis axis;
    axis.input = number(row, input, 1, 1);
    axis.filter = number(row, filter, 1, 1);
    axis.stride = number(row, "stride" + suffix, 1, 1);
    axis.pad_before = axis.pad_after = number(row, "pad" + suffix, 0, 0);
    const std::int64_t slack = axis.input + 2 * axis.pad_before - axis.filter;
    axis.output = std::max<std::int64_t>(slack, 0) / axis.stride + 1;
    const Field* cell = stated(row, output);
    if (slack < 0) {
      table_.report(table_.field(row, filter)->column,
                    fmt::format("{} is {}, but {} with its padding is {}", filter, axis.filter,
                                input, axis.filter + slack),
                    "the filter must fit into the padded input");
    } else if (cell != nullptr && number(row, output, 1, 1) != axis.output) {
      table_.report(cell->column,
                    fmt::format("{} is {}, but the sizes give {}", output, cell->text, axis.output),
                    "correct one of them");
    }
    return axis;
  }

  void check_macs(const CsvRow& row, const DeepBenchLayer& layer) {
    try {
      const std::int64_t product = macs(workload_of(layer, {}));
      const Field* cell = stated(row, "MACs");
      if (cell != nullptr && cell->text != fmt::to_string(product)) {
        table_.report(cell->column,
                      fmt::format("MACs is '{}', but the sizes multiply to {}",
                                  cell->text.substr(0, 40), product),
                      "correct one of them");
      }
    } catch (const OverflowError&) {
      table_.report(1, "the sizes of this layer do not fit into 64 bits", "use smaller sizes");
    }
  }

  std::string unique_name(const CsvRow& row) {
    const Field* set = table_.field(row, "set");
    const Field* idx = table_.field(row, "idx");
    std::string name = fmt::format("line{}", table_.line());
    if (set != nullptr && idx != nullptr) name = set->text + "_" + idx->text;
    return table_.unique(std::move(name));
  }

  static constexpr std::int64_t kMost = 1'000'000'000;
  CsvTable table_;
  bool is_conv_ = true;
  std::vector<DeepBenchLayer> layers_;
};

}  // namespace

Result<std::vector<DeepBenchLayer>> parse_deepbench(const std::string& text,
                                                    const std::string& file) {
  return DeepBenchRows(file).read(text);
}

Result<std::vector<DeepBenchLayer>> read_deepbench(const std::string& path) {
  const Result<std::string> text = read_file(path);
  if (!text) return tl::unexpected(text.error());
  return parse_deepbench(*text, path);
}

Workload workload_of(const DeepBenchLayer& layer, const ElementBits& bits) {
  if (const auto* conv = std::get_if<ConvShape>(&layer.shape)) {
    return one_conv(layer.name, *conv, bits);
  }
  return one_matmul(layer.name, std::get<MatmulShape>(layer.shape), bits);
}

}  // namespace tileloom
