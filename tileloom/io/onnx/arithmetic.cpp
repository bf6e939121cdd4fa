#include "tileloom/io/onnx/arithmetic.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "tileloom/support/checked.hpp"

namespace tileloom::onnx_import {
namespace {

bool compares(Arithmetic operation) {
  switch (operation) {
    case Arithmetic::equal:
    case Arithmetic::less:
    case Arithmetic::less_or_equal:
    case Arithmetic::greater:
    case Arithmetic::greater_or_equal:
    case Arithmetic::logical_and:
    case Arithmetic::logical_or:
      return true;
    default:
      return false;
  }
}

template <class T>
std::int64_t compare(Arithmetic operation, T a, T b) {
  switch (operation) {
    case Arithmetic::equal:
      return a == b;
    case Arithmetic::less:
      return a < b;
    case Arithmetic::less_or_equal:
      return a <= b;
    case Arithmetic::greater:
      return a > b;
    case Arithmetic::greater_or_equal:
      return a >= b;
    case Arithmetic::logical_and:
      return a != T{} && b != T{};
    default:
      return a != T{} || b != T{};
  }
}

/// a^b by repeated multiplication, b ≥ 0.
std::int64_t integer_power(std::int64_t a, std::int64_t b) {
  std::int64_t result = 1;
  for (std::int64_t i = 0; i < std::min<std::int64_t>(b, 64); ++i) result = checked_mul(result, a);
  return result;
}

std::optional<std::int64_t> apply(Arithmetic operation, std::int64_t a, std::int64_t b) {
  switch (operation) {
    case Arithmetic::add:
      return checked_add(a, b);
    case Arithmetic::subtract:
      return checked_sub(a, b);
    case Arithmetic::multiply:
      return checked_mul(a, b);
    case Arithmetic::divide:
      if (b == 0) return std::nullopt;
      return b == -1 ? checked_sub(0, a) : a / b;
    case Arithmetic::modulo: {
      if (b == 0) return std::nullopt;
      if (b == -1) return 0;
      const std::int64_t rest = a % b;
      return rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest;
    }
    case Arithmetic::power:
      if (b < 0) return std::nullopt;
      return integer_power(a, b);
    case Arithmetic::maximum:
      return std::max(a, b);
    case Arithmetic::minimum:
      return std::min(a, b);
    default:
      return compare(operation, a, b);
  }
}

double apply(Arithmetic operation, double a, double b) {
  switch (operation) {
    case Arithmetic::add:
      return a + b;
    case Arithmetic::subtract:
      return a - b;
    case Arithmetic::multiply:
      return a * b;
    case Arithmetic::divide:
      return b == 0.0 ? std::numeric_limits<double>::quiet_NaN() : a / b;
    case Arithmetic::modulo:
      return std::fmod(a, b);
    case Arithmetic::power:
      return std::pow(a, b);
    case Arithmetic::maximum:
      return std::max(a, b);
    case Arithmetic::minimum:
      return std::min(a, b);
    default:
      return static_cast<double>(compare(operation, a, b));
  }
}

}  // namespace

std::optional<Numbers> pick(const Numbers& numbers, const std::vector<std::int64_t>& positions) {
  return std::visit(
      [&](const auto& list) -> std::optional<Numbers> {
        std::decay_t<decltype(list)> result;
        for (const std::int64_t at : positions) {
          if (at < 0 || at >= std::ssize(list)) return std::nullopt;
          result.push_back(list[static_cast<std::size_t>(at)]);
        }
        return Numbers(std::move(result));
      },
      numbers);
}

std::vector<std::int64_t> stretch(const Shape& own, const Shape& shape) {
  std::vector<std::int64_t> result{0};
  // From the outermost dimension inwards: every position so far becomes one per index.
  const std::size_t ahead = shape.size() - std::min(own.size(), shape.size());
  for (std::size_t d = 0; d < shape.size(); ++d) {
    const std::int64_t extent = d < ahead ? 1 : own[d - ahead];
    std::vector<std::int64_t> next;
    for (const std::int64_t at : result) {
      for (std::int64_t i = 0; i < shape[d]; ++i) {
        next.push_back(at * extent + (extent == 1 ? 0 : i));
      }
    }
    result = std::move(next);
  }
  return result;
}

std::optional<Numbers> combine(Arithmetic operation, const Numbers& a, const Shape& shape_a,
                               const Numbers& b, const Shape& shape_b, const Shape& shape) {
  const auto left = pick(a, stretch(shape_a, shape));
  const auto right = pick(b, stretch(shape_b, shape));
  if (!left || !right) return std::nullopt;
  const bool integers = left->index() == 0 && right->index() == 0;
  const std::vector<double> x = as_floats(*left);
  const std::vector<double> y = as_floats(*right);
  std::vector<std::int64_t> ints;
  std::vector<double> floats;
  for (std::size_t i = 0; i < size(*left); ++i) {
    if (integers) {
      const auto result = apply(operation, std::get<0>(*left)[i], std::get<0>(*right)[i]);
      if (!result) return std::nullopt;
      ints.push_back(*result);
    } else {
      const double result = apply(operation, x[i], y[i]);
      if (std::isnan(result)) return std::nullopt;
      floats.push_back(result);
    }
  }
  if (integers) return ints;
  if (compares(operation)) return as_integers(floats);
  return floats;
}

}  // namespace tileloom::onnx_import
