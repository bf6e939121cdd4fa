#include "tileloom/io/npy/npy.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <charconv>
#include <optional>

#include "tileloom/support/file.hpp"
#include "tileloom/support/little_endian.hpp"

namespace tileloom::io {
namespace {

constexpr std::string_view kMagic = "\x93NUMPY";

/// What follows "'key':" in the header's dictionary.
std::string_view value_of(std::string_view header, std::string_view key) {
  const std::size_t at = header.find(fmt::format("'{}'", key));
  const std::size_t colon = at == std::string_view::npos ? at : header.find(':', at);
  if (colon == std::string_view::npos) return {};
  const std::size_t begin = header.find_first_not_of(' ', colon + 1);
  return begin == std::string_view::npos ? std::string_view{} : header.substr(begin);
}

std::optional<std::vector<std::int64_t>> shape_of(std::string_view text) {
  std::vector<std::int64_t> shape;
  if (text.empty() || text[0] != '(') return std::nullopt;
  text.remove_prefix(1);
  for (;;) {
    const std::size_t begin = text.find_first_not_of(" ,");
    if (begin == std::string_view::npos) return std::nullopt;
    if (text[begin] == ')') return shape;
    std::int64_t size = 0;
    const auto [end, error] =
        std::from_chars(text.data() + begin, text.data() + text.size(), size);
    if (error != std::errc() || size < 0) return std::nullopt;
    shape.push_back(size);
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  }
}

/// The header's dictionary and where the data begin.
std::optional<std::pair<std::string_view, std::size_t>> header_of(const std::string& bytes) {
  if (bytes.size() < 12 || bytes.compare(0, kMagic.size(), kMagic) != 0) return std::nullopt;
  const bool short_header = bytes[6] == 1;
  const std::size_t width = short_header ? 2 : 4;
  const std::size_t length = short_header ? little_endian<std::uint16_t>(bytes, 8)
                                          : little_endian<std::uint32_t>(bytes, 8);
  if (length > bytes.size() - 8 - width) return std::nullopt;
  return std::pair(std::string_view(bytes).substr(8 + width, length), 8 + width + length);
}

}  // namespace

Result<Int8Array> parse_npy(const std::string& bytes, const std::string& path) {
  const auto header = header_of(bytes);
  if (!header) {
    return mistake({path, 0, 0}, "no NumPy array", "write it with numpy.save");
  }
  const std::string_view type = value_of(header->first, "descr");
  const auto shape = shape_of(value_of(header->first, "shape"));
  if (!type.starts_with("'|i1'") && !type.starts_with("'i1'") && !type.starts_with("'<i1'")) {
    return mistake({path, 0, 0},
                   fmt::format("elements of type {}", type.substr(0, type.find(','))),
                   "convert the array with .astype('int8')");
  }
  if (!shape || !value_of(header->first, "fortran_order").starts_with("False")) {
    return mistake({path, 0, 0}, "the array is not in C order or has no shape",
                   "write it with numpy.save(numpy.ascontiguousarray(x))");
  }
  std::size_t count = 1;
  for (std::int64_t size : *shape) {
    if (__builtin_mul_overflow(count, static_cast<std::size_t>(size), &count)) count = SIZE_MAX;
  }
  if (bytes.size() - header->second != count) {
    return mistake({path, 0, 0},
                   fmt::format("{} bytes of data for a shape of {} elements",
                               bytes.size() - header->second, count),
                   "the file is truncated or damaged");
  }
  Int8Array array{*shape, {}};
  for (std::size_t i = header->second; i < bytes.size(); ++i) {
    array.values.push_back(static_cast<std::int8_t>(bytes[i]));
  }
  return array;
}

Result<Int8Array> read_npy(const std::string& path) {
  const Result<std::string> bytes = read_file(path);
  if (!bytes) return tl::unexpected(bytes.error());
  return parse_npy(*bytes, path);
}

std::string npy_text(const Int8Array& array) {
  std::string header =
      fmt::format("{{'descr': '|i1', 'fortran_order': False, 'shape': ({}{}), }}",
                  fmt::join(array.shape, ", "), array.shape.size() == 1 ? "," : "");
  header.resize((header.size() + 11 + 63) / 64 * 64 - 11, ' ');
  header += '\n';
  std::string bytes(kMagic);
  bytes += '\x01';
  bytes += '\0';
  append_little_endian(bytes, static_cast<std::uint16_t>(header.size()));
  bytes += header;
  for (std::int8_t value : array.values) bytes += static_cast<char>(value);
  return bytes;
}

}  // namespace tileloom::io
