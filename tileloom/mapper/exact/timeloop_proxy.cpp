#include "tileloom/mapper/exact/timeloop_proxy.hpp"

#include <algorithm>
#include <cmath>

#include "tileloom/mapper/exact/descent.hpp"
#include "tileloom/mapper/exact/frontier.hpp"
#include "tileloom/mapper/memory_bit.hpp"

namespace tileloom::mapper {
namespace {

namespace model = cost::timeloop;

void count_words(Operand& operand) { operand.bits = operand.partial_bits = 1; }

/// Prices of one word; arrays that several instances share cost less per word.
void count_words(Memory& memory, const model::Level& level) {
  const auto hardware = static_cast<double>(level.mesh.x * level.mesh.y);
  const auto arrays = static_cast<double>(model::physical_arrays(level));
  memory.word = Bits{1};
  memory.block = 1;
  memory.read.value = {level.vector_access_pj / static_cast<double>(level.block_size) *
                       std::min(1.0, arrays / hardware)};
  memory.write = memory.read;
  memory.double_buffered = false;
  memory.ports = {level.bandwidth.read, level.bandwidth.write, level.bandwidth.shared};
  if (level.size_words) {
    memory.capacity = Bits{static_cast<std::int64_t>(
        std::floor(static_cast<double>(*level.size_words) / level.multiple_buffering))};
  }
}

/// So many spatial choices are descended from, and so many bounds are taken to find them.
constexpr std::size_t kProxyStarts = 24;
constexpr std::int64_t kProxyBounds = 20'000;

/// No rank runs along two axes in one place.
bool one_axis_per_rank(const MapSpace& space, const Point& point) {
  for (std::size_t s = 0; s < space.slots.size(); ++s) {
    if (!space.slots[s].axis) continue;
    for (std::size_t t = s + 1; t < space.slots.size(); ++t) {
      if (!space.slots[t].axis || space.slots[t].memory != space.slots[s].memory) continue;
      for (std::size_t r = 0; r < space.ranks(); ++r) {
        if (point.factor(s, r, space.ranks()) > 1 && point.factor(t, r, space.ranks()) > 1) {
          return false;
        }
      }
    }
  }
  return true;
}

}  // namespace

TimeloopProxy timeloop_proxy(const MapSpace& space, const TimeloopNouns& nouns) {
  TimeloopProxy proxy{*space.workload, *space.arch};
  Operator& op = proxy.workload.operators[space.id];
  for (Operand& operand : op.inputs) count_words(operand);
  count_words(op.output);
  for (const MemoryId memory : ids<MemoryId>(proxy.arch.memories.size())) {
    count_words(proxy.arch.memories[memory],
                nouns.arch.levels[nouns.arch.levels.size() - 1 - index(memory)]);
  }
  return proxy;
}

std::vector<Point> proxy_minima(const MapSpace& space, const cost::Objective& objective,
                                const Budget& budget) {
  Scorer scorer(space, objective);
  Ruler ruler(space, Factors::perfect, budget,
              [&](const Point& point) -> std::optional<cost::Score> {
                if (!one_axis_per_rank(space, point)) return std::nullopt;
                return scorer(point);
              });
  Frontier frontier(space, Factors::perfect, objective);
  std::vector<Descended> minima;
  while (minima.size() < kProxyStarts && !frontier.empty() && frontier.bounded() < kProxyBounds &&
         !ruler.exhausted()) {
    const std::optional<Frontier::Node> node = frontier.advance();
    if (!node) continue;
    const std::optional<Point> start =
        start_point(space, Factors::perfect, frontier.keeps(node->placement), node->choice);
    if (!start) continue;
    const std::optional<cost::Score> score = ruler.measure(*start);
    if (score) minima.push_back(descend(ruler, *start, *score));
  }
  std::ranges::stable_sort(minima, {}, &Descended::score);
  std::vector<Point> points;
  for (Descended& minimum : minima) points.push_back(std::move(minimum.point));
  return points;
}

Point nearest_point(const MapSpace& space, std::span<const PathNode> path) {
  Point point = blank_point(space);
  const std::size_t ranks = space.ranks();
  std::vector<std::int64_t> tiles;
  for (const Rank& rank : space.op->ranks) tiles.push_back(rank.extent);
  MemoryId memory{};
  std::vector<std::vector<std::uint16_t>> orders(space.slots.size());
  const auto slot_of = [&](const Loop& loop) {
    std::size_t found = 0;
    for (std::size_t s = 0; s < space.slots.size(); ++s) {
      const Slot& slot = space.slots[s];
      if (loop.axis ? slot.axis == loop.axis : !slot.axis && slot.memory == memory) found = s;
    }
    return found;
  };
  for (const PathNode& node : path) {
    if (const Store* store = std::get_if<Store>(&node)) {
      memory = std::max(memory, store->memory);
      for (std::size_t i = 0; i < space.residents.size(); ++i) {
        if (space.residents[i].tensor == store->tensor) point.keeps[i] |= bit(store->memory);
      }
    } else if (const Loop* loop = std::get_if<Loop>(&node)) {
      const std::size_t r = index(loop->rank);
      const std::size_t s = slot_of(*loop);
      if (point.factor(s, r, ranks) == 1) orders[s].push_back(static_cast<std::uint16_t>(r));
      point.factor(s, r, ranks) *= tiles[r] / loop->tile;
      tiles[r] = loop->tile;
    }
  }
  for (std::size_t s = 0; s < space.slots.size(); ++s) {
    std::uint16_t* order = point.order.data() + s * ranks;
    for (std::uint16_t r = 0; r < ranks; ++r) {
      if (std::ranges::find(orders[s], r) == orders[s].end()) *order++ = r;
    }
    std::ranges::copy(orders[s], order);
  }
  return point;
}

}  // namespace tileloom::mapper
