#include "tileloom/target/vta/network/network_memory.hpp"

#include <algorithm>

namespace tileloom::target::vta {

TensorPlaces place_tensors(const IntegerNetwork& network, const std::vector<std::int64_t>& bytes) {
  const std::size_t count = network.layers.size();
  std::vector<std::size_t> last_read(count + 1, 0);  // layer; of unread ones their own
  for (std::size_t t = 1; t <= count; ++t) last_read[t] = t - 1;
  for (std::size_t l = 0; l < count; ++l) {
    last_read[network.layers[l].input] = l;
    if (network.layers[l].other) last_read[*network.layers[l].other] = l;
  }
  TensorPlaces places;
  places.offset.assign(count + 1, 0);
  for (std::size_t t = 1; t < count; ++t) {
    std::vector<std::size_t> alive;
    for (std::size_t other = 1; other < t; ++other) {
      if (last_read[other] >= t - 1) alive.push_back(other);
    }
    std::sort(alive.begin(), alive.end(), [&](std::size_t a, std::size_t b) {
      return places.offset[a] < places.offset[b];
    });
    std::int64_t offset = 0;
    for (const std::size_t other : alive) {
      if (offset + bytes[t] <= places.offset[other]) break;
      offset = std::max(offset, places.offset[other] + bytes[other]);
    }
    places.offset[t] = offset;
    places.bytes = std::max(places.bytes, offset + bytes[t]);
  }
  return places;
}

}  // namespace tileloom::target::vta
