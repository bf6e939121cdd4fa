// Where the tensors live that a stack has in common with others.

#include "tileloom/scheduler/exact/stack_frames.hpp"
#include "tileloom/support/checked.hpp"

namespace tileloom::scheduler::exact {
namespace {

/// Tensors that a stack has in common with others and that may lie in the memory of activations.
constexpr std::size_t kMostInside = 4;

}  // namespace

std::vector<Store> StackFrames::home_stores(const Range& range, std::uint32_t inside) const {
  std::vector<Store> stores;
  for (const TensorId tensor : homes(range)) {
    const bool in = stores.size() < 32 && (inside >> stores.size() & 1U) != 0;
    stores.push_back({tensor, in ? memories_.activations : memories_.home, Keep::overlap});
  }
  return stores;
}

std::int64_t StackFrames::bits_inside(const Range& range, std::uint32_t inside) const {
  if (inside == 0) return 0;
  const std::vector<TensorId>& all = homes(range);
  std::int64_t bits = 0;
  for (std::size_t place = 0; place < all.size(); ++place) {
    if ((inside >> place & 1U) == 0) continue;
    const Tensor& tensor = problem_.workload.tensors[all[place]];
    bits = checked_add(bits, checked_mul(elements(tensor), tensor.bits));
  }
  return problem_.arch.memories[memories_.activations].double_buffered ? checked_mul(bits, 2)
                                                                       : bits;
}

std::vector<std::uint32_t> StackFrames::ways_inside(const Range& range) const {
  const std::vector<TensorId>& all = homes(range);
  std::vector<std::size_t> places;
  for (std::size_t place = 0; place < all.size() && place < 32; ++place)
    if (!is_weight(range, all[place])) places.push_back(place);
  if (places.size() > kMostInside) return {};
  const std::optional<Bits>& capacity = problem_.arch.memories[memories_.activations].capacity;
  std::vector<std::uint32_t> ways;
  for (std::uint32_t way = 1; way < 1U << places.size(); ++way) {
    std::uint32_t inside = 0;
    for (std::size_t i = 0; i < places.size(); ++i)
      if ((way >> i & 1U) != 0) inside |= 1U << places[i];
    if (!capacity || bits_inside(range, inside) <= capacity->value) ways.push_back(inside);
  }
  return ways;
}

}  // namespace tileloom::scheduler::exact
