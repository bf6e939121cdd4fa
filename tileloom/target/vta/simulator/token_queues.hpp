#pragma once
// The four dependency queues between load, compute and store.

#include <cstddef>
#include <optional>

#include "tileloom/target/vta/isa/isa.hpp"

namespace tileloom::target::vta {

/// In the order of `kQueueNames`.
enum class TokenQueue : std::uint8_t {
  load_to_compute = 0,
  compute_to_load = 1,
  compute_to_store = 2,
  store_to_compute = 3
};
inline constexpr std::size_t kQueues = 4;
inline constexpr const char* kQueueNames[kQueues] = {"l2g", "g2l", "g2s", "s2g"};

/// The queue with the previous unit (load – compute – store) that `unit` pops, if there is one.
constexpr std::optional<TokenQueue> popped_from_previous(Unit unit) {
  if (unit == Unit::compute) return TokenQueue::load_to_compute;
  if (unit == Unit::store) return TokenQueue::compute_to_store;
  return std::nullopt;
}
constexpr std::optional<TokenQueue> popped_from_next(Unit unit) {
  if (unit == Unit::load) return TokenQueue::compute_to_load;
  if (unit == Unit::compute) return TokenQueue::store_to_compute;
  return std::nullopt;
}
constexpr std::optional<TokenQueue> pushed_to_previous(Unit unit) {
  if (unit == Unit::compute) return TokenQueue::compute_to_load;
  if (unit == Unit::store) return TokenQueue::store_to_compute;
  return std::nullopt;
}
constexpr std::optional<TokenQueue> pushed_to_next(Unit unit) {
  if (unit == Unit::load) return TokenQueue::load_to_compute;
  if (unit == Unit::compute) return TokenQueue::compute_to_store;
  return std::nullopt;
}

/// At most two queues, those of the previous and of the next unit.
struct QueuePair {
  std::optional<TokenQueue> first;
  std::optional<TokenQueue> second;
};

inline QueuePair pops(Unit unit, const Tokens& tokens) {
  return {tokens.pop_previous ? popped_from_previous(unit) : std::nullopt,
          tokens.pop_next ? popped_from_next(unit) : std::nullopt};
}
inline QueuePair pushes(Unit unit, const Tokens& tokens) {
  return {tokens.push_previous ? pushed_to_previous(unit) : std::nullopt,
          tokens.push_next ? pushed_to_next(unit) : std::nullopt};
}

}  // namespace tileloom::target::vta
