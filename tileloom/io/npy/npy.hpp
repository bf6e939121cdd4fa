#pragma once
// NumPy's array files (format 1.0 to 3.0), 8-bit integers in C order.

#include <cstdint>
#include <string>
#include <vector>

#include "tileloom/support/diagnostic.hpp"

namespace tileloom::io {

struct Int8Array {
  std::vector<std::int64_t> shape;
  std::vector<std::int8_t> values;  ///< row-major
  bool operator==(const Int8Array&) const = default;
};

Result<Int8Array> read_npy(const std::string& path);
Result<Int8Array> parse_npy(const std::string& bytes, const std::string& path);
std::string npy_text(const Int8Array& array);

}  // namespace tileloom::io
