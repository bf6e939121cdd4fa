#include <fmt/format.h>

#include <array>

#include "tileloom/io/yaml/problem.hpp"
#include "tileloom/support/checked.hpp"

namespace tileloom::yaml {
namespace {

/// The names of one axis's output, filter and input size.
struct AxisNames {
  const char* output;
  const char* filter;
  const char* input;
};
constexpr std::array<AxisNames, 3> kAxes = {{{"O", "T", "D"}, {"P", "R", "H"}, {"Q", "S", "W"}}};

/// Values per axis: one number for all axes or a list with one per axis.
std::vector<std::int64_t> read_per_axis(Reader& reader, Fields& fields, const char* key,
                                        std::size_t axes, std::int64_t fallback,
                                        std::int64_t least) {
  std::vector<std::int64_t> values(axes, fallback);
  const Node* node = fields.optional(key);
  if (node == nullptr) return values;
  const std::vector<const Node*> items = read_list(reader, *node, key);
  if (items.size() != 1 && items.size() != axes) {
    reader.report(node->place, fmt::format("'{}' has {} values", key, items.size()),
                  fmt::format("give one, or one for each of the {} axes", axes));
    return values;
  }
  for (std::size_t i = 0; i < axes; ++i) {
    const Node& item = *items[items.size() == 1 ? 0 : i];
    if (items.size() == 1 && i > 0) {
      values[i] = values[0];
    } else {
      values[i] = read_integer(reader, item, key, {.least = least}).value_or(fallback);
    }
  }
  return values;
}

std::optional<std::int64_t> read_size_of(Reader& reader, Fields& fields, const char* key) {
  const Node* node = fields.optional(key);
  if (node == nullptr) return std::nullopt;
  return read_integer(reader, *node, key).value_or(1);
}

/// Fills in the output or input size that was not given:
///     output = ⌊(input + 2·padding − dilation·(filter − 1) − 1) / stride⌋ + 1
void complete(Reader& reader, Place place, const AxisNames& names,
              std::optional<std::int64_t> output, std::optional<std::int64_t> input,
              ConvAxis& axis) {
  if (input) {
    const std::int64_t reach = checked_add(checked_mul(axis.filter - 1, axis.dilation), 1);
    const std::int64_t padded = checked_add(*input, checked_mul(2, axis.pad_before));
    const std::int64_t derived = padded < reach ? 0 : checked_sub(padded, reach) / axis.stride + 1;
    if (derived < 1) {
      reader.report(place,
                    fmt::format("{} = {} is smaller than the filter {} = {}", names.input, *input,
                                names.filter, axis.filter),
                    "use a larger input or padding");
    } else if (output && *output != derived) {
      reader.report(place,
                    fmt::format("{} is {}, but {} = {} gives {}", names.output, *output,
                                names.input, *input, derived),
                    fmt::format("leave out {} or {}", names.output, names.input));
    }
    axis.input = *input;
    axis.output = derived < 1 ? 1 : derived;
  } else if (output) {
    axis.output = *output;
    if (input_size(axis) < 1) {
      reader.report(
          place, fmt::format("padding {} leaves no input along {}", axis.pad_before, names.output),
          "use a smaller padding");
    }
  } else {
    reader.report(place,
                  fmt::format("the convolution has neither {} nor {}", names.output, names.input),
                  "give the size of its output or of its input");
  }
}

}  // namespace

std::optional<ConvShape> read_conv(Reader& reader, const Node& node) {
  const std::size_t before = reader.mistakes();
  Fields fields(reader, node, "the convolution");
  const auto has_any = [&](const AxisNames& names) {
    return fields.has(names.output) || fields.has(names.filter) || fields.has(names.input);
  };
  const std::size_t axes = has_any(kAxes[0]) ? 3 : (has_any(kAxes[1]) ? 2 : 1);

  ConvShape shape;
  shape.batch = read_size_of(reader, fields, "N").value_or(1);
  shape.out_channels = read_size_of(reader, fields, "K").value_or(1);
  shape.in_channels = read_size_of(reader, fields, "C").value_or(1);
  const std::vector<std::int64_t> stride = read_per_axis(reader, fields, "stride", axes, 1, 1);
  const std::vector<std::int64_t> dilation = read_per_axis(reader, fields, "dilation", axes, 1, 1);
  const std::vector<std::int64_t> padding = read_per_axis(reader, fields, "padding", axes, 0, 0);
  shape.groups = read_size_of(reader, fields, "groups").value_or(1);
  for (std::size_t i = 0; i < axes; ++i) {
    const AxisNames& names = kAxes.at(kAxes.size() - axes + i);
    const std::optional<std::int64_t> output = read_size_of(reader, fields, names.output);
    const std::int64_t filter = read_size_of(reader, fields, names.filter).value_or(1);
    const std::optional<std::int64_t> input = read_size_of(reader, fields, names.input);
    ConvAxis axis{1, filter, stride[i], dilation[i], padding[i], 0, padding[i]};
    if (reader.mistakes() == before) complete(reader, node.place, names, output, input, axis);
    shape.axes.push_back(axis);
  }
  fields.finish();
  if (shape.in_channels % shape.groups != 0 || shape.out_channels % shape.groups != 0) {
    reader.report(node.place,
                  fmt::format("{} groups do not divide C = {} and K = {}", shape.groups,
                              shape.in_channels, shape.out_channels),
                  "C and K count the channels of all groups");
  }
  return reader.mistakes() == before ? std::optional(shape) : std::nullopt;
}

std::optional<MatmulShape> read_matmul(Reader& reader, const Node& node) {
  const std::size_t before = reader.mistakes();
  Fields fields(reader, node, "the matrix multiplication");
  MatmulShape shape;
  shape.batch = read_size_of(reader, fields, "B").value_or(1);
  const auto required = [&](const char* key) {
    const Node* value = fields.required(key, fmt::format("{}: 64", key));
    return value != nullptr ? read_integer(reader, *value, key).value_or(1) : 1;
  };
  shape.m = required("M");
  shape.n = required("N");
  shape.k = required("K");
  if (const Node* shared = fields.optional("shared_weights")) {
    shape.shared_b = read_boolean(reader, *shared, "shared_weights").value_or(true);
  }
  if (!shape.shared_b) shape.b_role = Role::input;
  fields.finish();
  return reader.mistakes() == before ? std::optional(shape) : std::nullopt;
}

}  // namespace tileloom::yaml
