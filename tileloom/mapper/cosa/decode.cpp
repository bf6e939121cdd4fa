#include "tileloom/mapper/cosa/decode.hpp"

#include <algorithm>

namespace tileloom::mapper::cosa {

Point decode(const MapSpace& space, const Shape& shape, const Allocation& allocation) {
  Point point = blank_point(space);
  point.keeps = shape.keeps;
  const std::size_t places = shape.places.size();
  for (std::size_t q = 0; q < shape.powers.size(); ++q) {
    for (std::size_t x = 0; x < places; ++x) {
      std::int64_t& factor =
          point.factor(shape.places[x].slot, shape.powers[q].rank, space.ranks());
      for (std::int64_t n = allocation.copies[q * places + x]; n > 0; --n) {
        factor *= shape.powers[q].prime;
      }
    }
  }
  const std::vector<int>& saved = shape.classes[allocation.order_class].saved;
  const auto first = point.order.begin() +
                     static_cast<std::ptrdiff_t>(shape.places[shape.permuted].slot * space.ranks());
  std::stable_sort(first, first + static_cast<std::ptrdiff_t>(space.ranks()),
                   [&](std::uint16_t a, std::uint16_t b) { return saved[a] < saved[b]; });
  return point;
}

double saved_log(const Shape& shape, const Allocation& allocation,
                 const std::vector<std::uint16_t>& order) {
  std::vector<double> logs(shape.kin.front().size(), 0);
  for (std::size_t q = 0; q < shape.powers.size(); ++q) {
    logs[shape.powers[q].rank] +=
        shape.powers[q].log *
        static_cast<double>(allocation.copies[q * shape.places.size() + shape.permuted]);
  }
  double saved = 0;
  for (const std::vector<Kin>& kin : shape.kin) {
    for (std::size_t i = order.size(); i-- > 0;) {
      if (kin[order[i]].kinship == Kinship::plain && logs[order[i]] > 0) break;
      saved += logs[order[i]];
    }
  }
  return saved;
}

}  // namespace tileloom::mapper::cosa
