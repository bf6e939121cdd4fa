#pragma once
// Integers as bytes of files and memories, the least significant first.

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>

namespace tileloom {

/// Appends all bytes of `value`.
template <std::integral Value>
void append_little_endian(std::string& bytes, Value value) {
  const auto bits = static_cast<std::make_unsigned_t<Value>>(value);
  for (std::size_t b = 0; b < sizeof(Value); ++b) bytes += static_cast<char>(bits >> (8 * b) & 0xff);
}

/// The integer in the bytes [at, at + sizeof(Value)), all of which exist.
template <std::integral Value>
Value little_endian(std::string_view bytes, std::size_t at) {
  std::make_unsigned_t<Value> bits = 0;
  for (std::size_t b = sizeof(Value); b-- > 0;) {
    bits = static_cast<std::make_unsigned_t<Value>>(bits << 8 |
                                                    static_cast<unsigned char>(bytes[at + b]));
  }
  return static_cast<Value>(bits);
}

}  // namespace tileloom
