#include "tileloom/reference/sum_products.hpp"

#include "tileloom/reference/evaluate_operator.hpp"

namespace tileloom::reference {

std::vector<std::int32_t> sum_products(const Operator& op, std::span<const std::int8_t> first,
                                       std::span<const std::int8_t> second) {
  std::vector<std::uint32_t> sums(static_cast<std::size_t>(elements(op.output)), 0);
  std::vector<std::int64_t> point(op.ranks.size(), 0);
  for (std::int64_t n = points(op); n > 0; --n) {
    const auto x = element_at(op.inputs[0], point);
    const auto y = element_at(op.inputs[1], point);
    const auto z = element_at(op.output, point);
    if (x && y && z) {
      const int product = first[static_cast<std::size_t>(*x)] * second[static_cast<std::size_t>(*y)];
      sums[static_cast<std::size_t>(*z)] += static_cast<std::uint32_t>(product);
    }
    for (std::size_t r = point.size(); r-- > 0;) {
      if (++point[r] < op.ranks[r].extent) break;
      point[r] = 0;
    }
  }
  return {sums.begin(), sums.end()};
}

}  // namespace tileloom::reference
