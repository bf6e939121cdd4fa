#include "tileloom/io/csv/read_deepbench.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <set>

#include "tileloom/io/csv/fields.hpp"
#include "tileloom/support/checked.hpp"
#include "tileloom/support/file.hpp"
#include "tileloom/support/nearest.hpp"

namespace tileloom {
namespace {

const std::vector<std::string> kConvColumns = {"W", "H", "C",        "N",       "K",
                                               "S", "R", "stride_w", "stride_h"};
const std::vector<std::string> kProductColumns = {"M", "N", "K"};
const std::vector<std::string> kOtherColumns = {"set",   "idx",         "app",        "pad_w",
                                                "pad_h", "OW",          "OH",         "MACs",
                                                "note",  "a_transpose", "b_transpose"};

class DeepBenchTable {
 public:
  explicit DeepBenchTable(const std::string& file) : file_(file) {}

  Result<std::vector<DeepBenchLayer>> read(const std::string& text) {
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
    if (layers_.empty() && mistakes_.empty()) {
      line_ = 0;
      report(0, header_.empty() ? "the file is empty" : "the table has no layers",
             "expected a table with columns W,H,C,N,K,S,R,stride_w,stride_h, or M,N,K");
    }
    if (mistakes_.empty()) return std::move(layers_);
    std::ranges::stable_sort(mistakes_, {}, [](const Diagnostic& mistake) {
      return std::pair(mistake.where.line, mistake.where.column);
    });
    return tl::unexpected(std::move(mistakes_));
  }

 private:
  void report(int column, std::string what, std::string hint) {
    mistakes_.push_back({{file_, line_, column}, std::move(what), std::move(hint)});
  }

  void read_header(const std::vector<Field>& fields) {
    std::vector<std::string> known = kConvColumns;
    known.push_back("M");
    known.insert(known.end(), kOtherColumns.begin(), kOtherColumns.end());
    for (std::size_t i = 0; i < fields.size(); ++i) {
      const std::string& name = fields[i].text;
      if (std::ranges::find(known, name) == known.end()) {
        report(fields[i].column, fmt::format("unknown column '{}'", name.substr(0, 40)),
               suggestion(name, known));
      } else if (!header_.emplace(name, i).second) {
        report(fields[i].column, fmt::format("column '{}' occurs twice", name), "remove one");
      }
    }
    is_conv_ = !header_.contains("M");
    for (const std::string& name : is_conv_ ? kConvColumns : kProductColumns) {
      if (header_.contains(name)) continue;
      report(1, fmt::format("no column '{}'", name),
             "the columns W,H,C,N,K,S,R,stride_w,stride_h, or M,N,K, are required");
    }
    columns_ = fields.size();
  }

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
    if (error == std::errc{} && stop == end && value >= least && value <= kMost) return value;
    report(cell->column, fmt::format("{} is '{}'", name, cell->text.substr(0, 40)),
           fmt::format("it must be a whole number from {} to {}", least, kMost));
    return fallback;
  }

  void read_row(const std::vector<Field>& row) {
    if (row.size() != columns_) {
      report(1, fmt::format("{} fields, but there are {} columns", row.size(), columns_),
             "separate the fields by commas; put a field with a comma in quotes");
      return;
    }
    const std::size_t before = mistakes_.size();
    DeepBenchLayer layer;
    if (is_conv_) {
      layer.shape = conv(row);
    } else {
      layer.shape = MatmulShape{
          .m = number(row, "N", 1, 1), .n = number(row, "M", 1, 1), .k = number(row, "K", 1, 1)};
    }
    if (mistakes_.size() > before) return;
    if (const Field* app = field(row, "app")) layer.app = app->text;
    layer.name = unique_name(row);
    check_macs(row, layer);
    if (mistakes_.size() == before) layers_.push_back(std::move(layer));
  }

  ConvShape conv(const std::vector<Field>& row) {
    ConvShape shape;
    shape.batch = number(row, "N", 1, 1);
    shape.in_channels = number(row, "C", 1, 1);
    shape.out_channels = number(row, "K", 1, 1);
    shape.axes = {axis(row, "H", "R", "_h", "OH"), axis(row, "W", "S", "_w", "OW")};
    return shape;
  }

  /// output = ⌊(input + 2·pad − filter) / stride⌋ + 1
  ConvAxis axis(const std::vector<Field>& row, const char* input, const char* filter,
                const std::string& suffix, const char* output) {
    ConvAxis axis;
    axis.input = number(row, input, 1, 1);
    axis.filter = number(row, filter, 1, 1);
    axis.stride = number(row, "stride" + suffix, 1, 1);
    axis.pad_before = axis.pad_after = number(row, "pad" + suffix, 0, 0);
    const std::int64_t slack = axis.input + 2 * axis.pad_before - axis.filter;
    axis.output = std::max<std::int64_t>(slack, 0) / axis.stride + 1;
    const Field* cell = field(row, output);
    if (slack < 0) {
      report(field(row, filter)->column,
             fmt::format("{} is {}, but {} with its padding is {}", filter, axis.filter, input,
                         axis.filter + slack),
             "the filter must fit into the padded input");
    } else if (cell != nullptr && number(row, output, 1, 1) != axis.output) {
      report(cell->column,
             fmt::format("{} is {}, but the sizes give {}", output, cell->text, axis.output),
             "correct one of them");
    }
    return axis;
  }

  void check_macs(const std::vector<Field>& row, const DeepBenchLayer& layer) {
    try {
      const std::int64_t product = macs(workload_of(layer, {}));
      const Field* cell = field(row, "MACs");
      if (cell != nullptr && cell->text != fmt::to_string(product)) {
        report(cell->column,
               fmt::format("MACs is '{}', but the sizes multiply to {}", cell->text.substr(0, 40),
                           product),
               "correct one of them");
      }
    } catch (const OverflowError&) {
      report(1, "the sizes of this layer do not fit into 64 bits", "use smaller sizes");
    }
  }

  std::string unique_name(const std::vector<Field>& row) {
    const Field* set = field(row, "set");
    const Field* idx = field(row, "idx");
    std::string name = fmt::format("line{}", line_);
    if (set != nullptr && idx != nullptr) name = set->text + "_" + idx->text;
    if (!names_.insert(name).second) {
      name += fmt::format("_line{}", line_);
      names_.insert(name);
    }
    return name;
  }

  static constexpr std::int64_t kMost = 1'000'000'000;
  const std::string& file_;
  int line_ = 0;
  bool is_conv_ = true;
  std::map<std::string, std::size_t> header_;
  std::size_t columns_ = 0;
  std::vector<DeepBenchLayer> layers_;
  std::set<std::string> names_;
  Diagnostics mistakes_;
};

}  // namespace

Result<std::vector<DeepBenchLayer>> parse_deepbench(const std::string& text,
                                                    const std::string& file) {
  return DeepBenchTable(file).read(text);
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
