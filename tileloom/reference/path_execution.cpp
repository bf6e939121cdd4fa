#include "tileloom/reference/path_execution.hpp"

#include <algorithm>

namespace tileloom::reference {
namespace {

/// Narrows the chunk of the loop's rank to one trip; false if the trip does not exist.
bool narrow(std::vector<Chunk>& chunks, const Loop& loop, std::int64_t trip) {
  Chunk& chunk = chunks[index(loop.rank)];
  if (trip * loop.tile >= chunk.length) return false;
  const std::int64_t end = std::min(chunk.length, (trip + 1) * loop.tile);
  chunk = {chunk.start + trip * loop.tile, end - trip * loop.tile};
  return true;
}

std::vector<Chunk> whole(const Operator& op) {
  std::vector<Chunk> chunks;
  for (const Rank& rank : op.ranks) chunks.push_back({0, rank.extent});
  return chunks;
}

void descend(std::span<const PathNode> path, std::size_t at, const std::vector<Chunk>& chunks,
             Trips& step, Trips& lane, Steps& steps) {
  if (at == path.size()) {
    LaneWork work{lane, {}};
    for (const Chunk& chunk : chunks) work.point.push_back(chunk.start);
    steps[step].push_back(std::move(work));
    return;
  }
  const Loop* loop = std::get_if<Loop>(&path[at]);
  if (loop == nullptr) return descend(path, at + 1, chunks, step, lane, steps);
  std::int64_t& trip = loop->axis ? lane[at] : step[at];
  for (trip = 0;; ++trip) {
    std::vector<Chunk> inner = chunks;
    if (!narrow(inner, *loop, trip)) break;
    descend(path, at + 1, inner, step, lane, steps);
  }
  trip = 0;
}

}  // namespace

Steps enumerate_steps(const Operator& op, std::span<const PathNode> path) {
  Steps steps;
  Trips step(path.size(), 0);
  Trips lane(path.size(), 0);
  descend(path, 0, whole(op), step, lane, steps);
  return steps;
}

std::vector<std::size_t> own_spatial_loops(const Architecture& arch, std::span<const PathNode> path,
                                           std::size_t at) {
  const MemoryId memory = std::get<Store>(path[at]).memory;
  std::vector<std::size_t> own;
  for (std::size_t i = 0; i < at; ++i) {
    const Loop* loop = std::get_if<Loop>(&path[i]);
    if (loop != nullptr && loop->axis && replicated(arch, memory, *loop->axis)) own.push_back(i);
  }
  return own;
}

Trips only(const Trips& trips, std::span<const std::size_t> nodes) {
  Trips kept(trips.size(), 0);
  for (const std::size_t node : nodes) kept[node] = trips[node];
  return kept;
}

std::optional<std::vector<Chunk>> chunks_at(const Operator& op, std::span<const PathNode> path,
                                            std::size_t at, const Trips& step,
                                            const Trips& instance,
                                            std::span<const std::size_t> own) {
  std::vector<Chunk> chunks = whole(op);
  for (std::size_t i = 0; i < at; ++i) {
    const Loop* loop = std::get_if<Loop>(&path[i]);
    if (loop == nullptr) continue;
    if (loop->axis && std::ranges::find(own, i) == own.end()) continue;
    if (!narrow(chunks, *loop, loop->axis ? instance[i] : step[i])) return std::nullopt;
  }
  return chunks;
}

std::vector<std::int64_t> box_elements(const Operand& operand,
                                       const std::optional<std::vector<Chunk>>& chunks) {
  if (!chunks) return {};
  std::vector<std::int64_t> elements{0};
  for (const Axis& axis : operand.axes) {
    std::int64_t low = axis.offset;
    std::int64_t high = axis.offset;
    for (const Term& term : axis.terms) {
      const Chunk& chunk = (*chunks)[index(term.rank)];
      low += term.coefficient * chunk.start;
      high += term.coefficient * (chunk.start + chunk.length - 1);
    }
    low = std::max<std::int64_t>(low, 0);
    high = std::min(high, axis.extent - 1);
    std::vector<std::int64_t> finer;
    for (const std::int64_t prefix : elements) {
      for (std::int64_t i = low; i <= high; ++i) finer.push_back(prefix * axis.extent + i);
    }
    elements = std::move(finer);
  }
  return elements;
}

}  // namespace tileloom::reference
