#include "tileloom/io/onnx/graph.hpp"

#include <limits>

namespace tileloom::onnx_import {

std::int64_t bits_of(ElementType type) {
  switch (static_cast<std::int32_t>(type)) {
    case 2:   // uint8
    case 3:   // int8
    case 8:   // string: one character
    case 9:   // bool
    case 17:  // the 8-bit floats
    case 18:
    case 19:
    case 20:
    case 24:
      return 8;
    case 4:
    case 5:
    case 10:
    case 16:
      return 16;
    case 7:
    case 11:
    case 13:
    case 14:
      return 64;
    case 15:
      return 128;
    case 21:  // uint4, int4, float4e2m1
    case 22:
    case 23:
      return 4;
    case 25:  // uint2, int2
    case 26:
      return 2;
    default:
      return 32;
  }
}

bool is_integer(ElementType type) {
  switch (static_cast<std::int32_t>(type)) {
    case 2:
    case 3:
    case 4:
    case 5:
    case 6:
    case 7:
    case 9:
    case 12:
    case 13:
    case 21:
    case 22:
    case 25:
    case 26:
      return true;
    default:
      return false;
  }
}

std::string full_type(const Node& node) {
  return node.domain.empty() ? node.type : node.domain + "/" + node.type;
}

std::size_t size(const Numbers& numbers) {
  return std::visit([](const auto& list) { return list.size(); }, numbers);
}

std::vector<std::int64_t> as_integers(const Numbers& numbers) {
  if (const auto* ints = std::get_if<std::vector<std::int64_t>>(&numbers)) return *ints;
  std::vector<std::int64_t> result;
  for (const double f : std::get<std::vector<double>>(numbers)) {
    if (!(f > -9.2e18)) {
      result.push_back(std::numeric_limits<std::int64_t>::min());
    } else if (f > 9.2e18) {
      result.push_back(std::numeric_limits<std::int64_t>::max());
    } else {
      result.push_back(static_cast<std::int64_t>(f));
    }
  }
  return result;
}

std::vector<double> as_floats(const Numbers& numbers) {
  if (const auto* floats = std::get_if<std::vector<double>>(&numbers)) return *floats;
  std::vector<double> result;
  for (const std::int64_t i : std::get<std::vector<std::int64_t>>(numbers)) {
    result.push_back(static_cast<double>(i));
  }
  return result;
}

}  // namespace tileloom::onnx_import
