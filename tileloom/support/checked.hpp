#pragma once
// 64-bit arithmetic in which an overflow is an error message, never a number.

#include <cstdint>
#include <stdexcept>
#include <string>

namespace tileloom {

/// Thrown by the checked operations; `driver/` turns it into a diagnostic (exit code 2).
class OverflowError : public std::overflow_error {
 public:
  explicit OverflowError(const std::string& what_overflowed)
      : std::overflow_error(what_overflowed) {}
};

[[noreturn]] inline void throw_overflow() {
  throw OverflowError("a count does not fit into 64 bits: use smaller sizes");
}

inline std::int64_t checked_add(std::int64_t a, std::int64_t b) {
  std::int64_t r;
  if (__builtin_add_overflow(a, b, &r)) throw_overflow();
  return r;
}
inline std::int64_t checked_sub(std::int64_t a, std::int64_t b) {
  std::int64_t r;
  if (__builtin_sub_overflow(a, b, &r)) throw_overflow();
  return r;
}
inline std::int64_t checked_mul(std::int64_t a, std::int64_t b) {
  std::int64_t r;
  if (__builtin_mul_overflow(a, b, &r)) throw_overflow();
  return r;
}

/// ⌈a / b⌉ for a ≥ 0, b > 0.
constexpr std::int64_t ceil_div(std::int64_t a, std::int64_t b) { return a / b + (a % b != 0); }

}  // namespace tileloom
